"""One race from its first block to its end, as a lane among others that are under way."""

from collections.abc import Iterator

from ..messages import CandidateStopped, JudgementRequested, RaceFinished, ScoringRequested
from .acceptance import grounds, leader, promising, refusal
from .race import Race
from .settings import SearchSettings
from .stage_state import StageState
from .step_scheduler import StepScheduler


class RaceRunner:
    """Holds the races of one stage, of which several may be under way at a time.

    A race is decided against the best prompt at its end. Where another race has brought a better one in the
    meantime, that one is asked what the candidates have answered, and they are compared again.
    """

    def __init__(self, settings: SearchSettings, state: StageState, scheduler: StepScheduler) -> None:
        self._settings = settings
        self._limits = settings.limits
        self._state = state
        self._scheduler = scheduler
        self._judged: set[str] = set()

    async def hold(self, race: Race, step: int) -> RaceFinished:
        """Race to the end and enter what has come of it; returns what to tell of it."""
        state = self._state
        state.races.append(race)
        race.next_block(state.round_size)
        while True:
            race.incumbent = state.to_beat(race)
            await self._ask(race, step)
            if state.halted:
                race.break_off(state.standings.best or state.standings.ranked()[0].candidate.id)
                break
            await self._judge(race, step)
            if not race.over:
                race.next_block(state.round_size)
            elif await self._is_final(race, step):
                break
        state.races.remove(race)
        return self._finish(race, step)

    async def _ask(self, race: Race, step: int) -> None:
        """Have everybody in the race answer what it has not answered yet, and enter the scores."""
        self._state.record(await self._scheduler.ask(self._requests(race, step)))

    def _requests(self, race: Race, step: int) -> Iterator[ScoringRequested]:
        state = self._state
        for id_ in (*race.field, race.incumbent):
            if id_ is None:
                continue
            new = state.unasked(id_, race.seen)
            race.cost += len(new)
            for task in state.tasks:
                if examples := tuple(example for name, example in new if name == task.name):
                    yield ScoringRequested(
                        stage=state.stage,
                        step=step,
                        purpose="search",
                        candidate=state.standings[id_],
                        task=task.name,
                        split="dev",
                        examples=examples,
                    )

    async def _judge(self, race: Race, step: int) -> None:
        """Take out who cannot win any more."""
        state = self._state
        spared = promising(race, state.standings, self._limits)
        for id_, reason in race.judge(state.standings.utilities, spared).items():
            await self._scheduler.tell(
                CandidateStopped(
                    stage=state.stage,
                    step=step,
                    candidate=id_,
                    seen=race.stopped[id_],
                    total=race.total,
                    reason=reason,
                )
            )
        if race is state.opening:
            state.note_leader(race)

    async def _is_final(self, race: Race, step: int) -> bool:
        """Whether a race that is over was against the best prompt there is, with all judgements made."""
        state = self._state
        while state.opening not in (None, race):
            await self._scheduler.turn()
        race.winner = leader(race, state.standings, self._limits)
        if race.incumbent == state.to_beat(race):
            await self._have_judged(race, step)
        return race.incumbent == state.to_beat(race)

    async def _have_judged(self, race: Race, step: int) -> None:
        """Have the winner and whom it has beaten judged by their wording, each once in a stage."""
        if self._settings.judge is None or race.winner is None:
            return
        state = self._state
        sides = [id_ for id_ in (race.winner, race.incumbent) if id_ is not None]
        unknown = [id_ for id_ in sides if id_ not in self._judged]
        self._judged.update(unknown)
        judgements = await self._scheduler.ask(
            JudgementRequested(
                stage=state.stage,
                step=step,
                candidate=state.standings[id_],
                tasks=tuple(task.name for task in state.tasks),
                dimensions=self._settings.judge.names,
            )
            for id_ in unknown
        )
        for judgement in judgements:
            state.record_judgement(judgement)

    def _finish(self, race: Race, step: int) -> RaceFinished:
        state, weights = self._state, self._settings.weights
        # One that was broken off was last judged against an earlier best prompt.
        best = state.to_beat(race)
        refused = refusal(race, state.standings, self._limits, weights)
        if refused is not None:
            race.winner = None
        kept = grounds(race, state.standings, self._limits, weights)
        results = state.finish(race)
        return RaceFinished(
            stage=state.stage,
            step=step,
            against=race.incumbent if race.winner else best,
            results=results,
            winner=race.winner,
            saved=race.saved,
            refused=refused,
            kept=kept,
        )
