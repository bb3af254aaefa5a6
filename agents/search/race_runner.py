"""The course of one race, from its first block of examples to its result.

A round asks all candidates that are left, and the incumbent, what they have not answered yet; compares them;
and stops those that cannot win. When the race is over, its winner and incumbent are judged by their wording
if there is a wording judge, and the acceptance rules decide whether the winner replaces the incumbent.
"""

from collections.abc import Iterator
from itertools import product

from ...prompts.task import Split
from ..messages import CandidateStopped, JudgementRequested, RaceFinished, ScoringRequested
from .acceptance import (
    exempt_from_stopping,
    first_sound,
    held_back,
    race_winner,
    reason_to_accept,
    reason_to_refuse,
)
from .race import Race
from .settings import SearchSettings
from .stage_state import StageState
from .step_scheduler import StepScheduler

_SPLITS: tuple[Split, ...] = "dev", "train"


class RaceRunner:
    """The runner of a stage's races, of which several may be under way at a time.

    A race is decided against the best prompt at its end. If another race has found a better one in the
    meantime, the better prompt is asked the same examples, and the candidates are compared again.
    """

    def __init__(self, settings: SearchSettings, state: StageState, scheduler: StepScheduler) -> None:
        self._settings = settings
        self._limits = settings.limits
        self._state = state
        self._scheduler = scheduler
        self._judged: set[str] = set()
        """Ids of the prompts that the judge was asked about."""

    async def hold(self, race: Race, step: int) -> RaceFinished:
        """Run the race to its end and enter its results; return the message of its end."""
        state = self._state
        state.open_race(race)
        race.next_block(self._round_size)
        while True:
            race.incumbent = state.to_beat(race)
            await self._ask(race, step)
            if state.halted:
                race.break_off(state.standings.best or first_sound(state.standings, race.entered))
                break
            await self._compare(race, step)
            if not race.over:
                race.next_block(self._round_size)
            elif await self._is_final(race, step):
                break
        return self._finish(race, step)

    @property
    def _round_size(self) -> int:
        return self._state.races.round_size(self._settings.concurrent_steps)

    async def _ask(self, race: Race, step: int) -> None:
        """Have all prompts in the race answer the examples that they have not answered yet."""
        self._state.record_scores(await self._scheduler.ask(self._requests(race, step)))

    def _requests(self, race: Race, step: int) -> Iterator[ScoringRequested]:
        state = self._state
        for id_ in (*race.field, race.incumbent):
            if id_ is None:
                continue
            new = state.take_unasked(id_, race.seen)
            race.cost += len(new)
            for task, split in product(state.tasks, _SPLITS):
                asked = (key for key in new if state.split_of(key) == split)
                if examples := tuple(example for name, example in asked if name == task.name):
                    yield ScoringRequested(
                        stage=state.stage,
                        step=step,
                        purpose="search",
                        candidate=state.standings[id_],
                        task=task.name,
                        split=split,
                        examples=examples,
                    )

    async def _compare(self, race: Race, step: int) -> None:
        """Compare the candidates, and stop those that cannot win any more."""
        state = self._state
        exempt = exempt_from_stopping(race, state.standings, self._limits)
        for id_, reason in race.compare(state.standings.utilities, exempt).items():
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
        state.note_front_runner(race)

    async def _is_final(self, race: Race, step: int) -> bool:
        """Return whether a race that is over was against the best prompt, with all judgements made."""
        state = self._state
        while state.races.opening not in (None, race):
            await self._scheduler.turn()
        race.winner = race_winner(race, state.standings, self._limits)
        if race.incumbent == state.to_beat(race):
            await self._have_judged(race, step)
        return race.incumbent == state.to_beat(race)

    async def _have_judged(self, race: Race, step: int) -> None:
        """Have the winner and the incumbent judged by their wording, each once in a stage."""
        if self._settings.wording is None or race.winner is None:
            return
        state = self._state
        prompts = [id_ for id_ in (race.winner, race.incumbent) if id_ is not None]
        unknown = [id_ for id_ in prompts if id_ not in self._judged]
        self._judged.update(unknown)
        judgements = await self._scheduler.ask(
            JudgementRequested(
                stage=state.stage,
                step=step,
                candidate=state.standings[id_],
                tasks=tuple(task.name for task in state.tasks),
                dimensions=self._settings.wording.names,
            )
            for id_ in unknown
        )
        for judgement in judgements:
            state.record_judgement(judgement)

    def _finish(self, race: Race, step: int) -> RaceFinished:
        state, weights = self._state, self._settings.objective_weights
        # A race that was broken off was last compared with an earlier best prompt.
        best = state.to_beat(race)
        refused = reason_to_refuse(race, state.standings, self._limits, weights)
        if refused is not None:
            race.winner = None
        else:
            refused = held_back(race, state.standings, self._limits)
        kept = reason_to_accept(race, state.standings, self._limits, weights)
        results = state.finish_race(race)
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
