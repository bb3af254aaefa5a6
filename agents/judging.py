"""When prompts are judged: who won a race and whom it beat, each once in a stage, before the race counts."""

from .judge_settings import JudgeSettings
from .messages import JudgementRequested, PromptJudged
from .race import Race
from .stage_state import StageState


class Judging:
    """Asks for the judgements that a race needs and knows when they are all there.

    Without `settings` nobody is judged.
    """

    def __init__(self, settings: JudgeSettings | None) -> None:
        self._settings = settings
        self._awaited: set[str] = set()

    def requests(self, state: StageState, race: Race) -> list[JudgementRequested]:
        """What to ask the judge now that `race` is over; nothing where all is known or nobody has won."""
        if self._settings is None or race.winner is None:
            return []
        sides = [id_ for id_ in (race.winner, race.incumbent) if id_ is not None]
        unknown = [id_ for id_ in sides if not state.standings.is_judged(id_)]
        self._awaited = set(unknown)
        return [
            JudgementRequested(
                stage=state.stage,
                step=state.step,
                candidate=state.standings[id_],
                tasks=tuple(task.name for task in state.tasks),
                dimensions=self._settings.names,
            )
            for id_ in unknown
        ]

    def take(self, state: StageState, message: PromptJudged) -> bool:
        """Enter a judgement; returns whether it was the last one awaited."""
        state.standings.record_judgement(message)
        state.judgement_tokens += message.prompt_tokens + message.completion_tokens
        self._awaited.discard(message.candidate)
        return not self._awaited
