"""The state of a stage, and the transitions by which it changes.

A stage begins with the race of its first prompts, the opening. Then come steps, several at a time: each waits
for proposals, races the admitted ones, and ends. The search may restart once, with other prompts. When no
step may begin and none is under way, the stage is closed and its last race follows. A transition that comes
at the wrong time raises `IllegalTransition`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from ...prompts.candidate import Candidate
from ...prompts.shortening import shorten
from ...prompts.task import Split, Task
from ..messages import PromptJudged, PromptScored, ProposalsMade, RaceResult, Rejection, Spent, Stage
from . import closing, last_race
from .measure_names import compared
from .race import Race
from .race_results import race_results
from .restart_rule import needs_restart
from .score_history import ExampleKey
from .settings import PROPOSING, SearchSettings, StageSettings
from .stage_costs import StageCosts
from .stage_races import StageRaces
from .stage_steps import StageSteps
from .standings import Standings
from .transitions import require

_REJECTIONS, _REJECTED_TEXT = 6, 300
"""Number of rejected proposals that are kept, and most characters of each text."""


class StageState:
    """The state of one stage, whose settings are `plan`.

    A control has a `budget`: it ends when it has cost as much. `claims` is the number of tests for "better"
    that the run made before the stage.
    """

    def __init__(
        self,
        stage: Stage,
        tasks: Sequence[Task],
        plan: StageSettings,
        settings: SearchSettings,
        budget: Spent | None = None,
        claims: int = 0,
    ) -> None:
        self.stage: Final = stage
        self.tasks: Final = tuple(tasks)
        self._training: Final = frozenset((task.name, example.id) for task in tasks for example in task.train)
        self.plan: Final = plan
        self.standings: Final = Standings(
            tasks, settings.objective_weights, settings.thrift, compared(settings, tasks)
        )
        self._budget: Final = budget
        self._concurrent: Final = settings.concurrent_steps
        self._costs: Final = StageCosts()
        self._claims = claims
        self._steps = StageSteps()
        self._races = StageRaces()
        self._rejections: tuple[Rejection, ...] = ()
        self._closed: str | None = None
        self._halted: str | None = None
        self._gated = False

    @property
    def steps(self) -> StageSteps:
        """The steps of the stage as they are now."""
        return self._steps

    @property
    def races(self) -> StageRaces:
        """The races of the stage as they are now."""
        return self._races

    @property
    def claims(self) -> int:
        """Number of tests for "better" in the run so far."""
        return self._claims

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """The latest rejected proposals."""
        return self._rejections

    @property
    def spent(self) -> Spent:
        """Costs of the stage so far."""
        return self._costs.spent(self.standings.tokens)

    @property
    def saved(self) -> int:
        """Number of examples that races did not have to ask."""
        return self._costs.saved

    @property
    def halted(self) -> str | None:
        """Reason why the run can ask nothing more, or None."""
        return self._halted

    @property
    def closed(self) -> str | None:
        """Reason why the stage was closed, or None. Only its last race may follow."""
        return self._closed

    @property
    def wants_restart(self) -> bool:
        """True if the search should restart with other prompts."""
        may = not self._halted and not self._steps.restarted
        return may and needs_restart(self.standings, self._steps.streaks.without_better, self.plan.patience)

    @property
    def may_begin(self) -> bool:
        """True if another step may begin now.

        A step learns most from the steps before it once their candidates have been compared.
        """
        return (
            len(self._steps.proposing) < (PROPOSING if self._concurrent > PROPOSING else 1)
            and not self._steps.restarting
            and not self._gated
            and self._races.leave_room(self._concurrent)
            and self.reason_to_close is None
        )

    @property
    def reason_to_close(self) -> str | None:
        """Reason why no further step may begin, or None."""
        if self._halted:
            return self._halted
        usual = self._costs.usual_race
        begun = self._races.evaluations_to_come(usual) + usual * len(self._steps.proposing)
        unanswered = last_race.unanswered(self.stage, self.standings, self.tasks)
        # With half of a usual step, stages end as often before their budget is used up as after.
        due = closing.due(self.standings, self.spent, unanswered, begun, usual // 2)
        return closing.reason_to_close(self.plan, self._budget, self._steps, self.spent, due)

    def to_beat(self, race: Race) -> str | None:
        """Return the prompt that a race has to beat now: the best, or in the last race its own incumbent."""
        return race.incumbent if self._closed else self.standings.best or race.incumbent

    def begin_step(self) -> int:
        """Begin the next step and return its number, from 1."""
        require(self.may_begin, "no further step may begin")
        self._steps = self._steps.begin()
        return self._steps.begun

    def end_proposals(self, step: int) -> None:
        """Let the admitted candidates of a step race."""
        self._steps = self._steps.end_proposals(step)

    def end_step(self, step: int) -> None:
        """End a step, or the opening, which is step 0."""
        self._steps = self._steps.end(step)

    def restart(self) -> None:
        """Begin the race of other prompts, which is no step."""
        require(self.wants_restart, "the search has no reason to restart")
        self._steps = self._steps.restart()

    def end_restart(self) -> None:
        """End the race of other prompts."""
        self._steps = self._steps.end_restart()

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Let no step begin until it is known from which prompt the stage goes on."""
        self._gated = True
        yield
        self._gated = False

    def open_race(self, race: Race) -> None:
        """Put a race under way."""
        require(not self._halted, "no race may begin in a run that was halted")
        self._races = self._races.open(race)

    def split_of(self, key: ExampleKey) -> Split:
        """Return the split of an example that a race asks; only the gate asks training examples."""
        return "train" if key in self._training else "dev"

    def take_unasked(self, candidate: str, keys: Iterable[ExampleKey]) -> list[ExampleKey]:
        """Return the `keys` that a candidate was not asked yet, and count them as asked from now on."""
        return self._costs.take_unasked(candidate, keys)

    def record_scores(self, scores: Iterable[PromptScored]) -> None:
        """Enter scores. An example whose call failed for any candidate is excluded for all."""
        excluded: set[ExampleKey] = set()
        for score in scores:
            self.standings.record(score)
            excluded.update((score.task, example) for example in score.excluded)
        if excluded:
            self.standings.exclude(excluded)
            for race in self._races.under_way:
                race.exclude(excluded)

    def record_proposals(self, message: ProposalsMade) -> None:
        """Count the costs of proposals."""
        self._costs.add_proposals(message)

    def record_rejection(self, candidate: Candidate, reason: str) -> None:
        """Note a proposal that was rejected, of which the latest are shown to whoever writes new ones."""
        text = shorten(candidate.text, _REJECTED_TEXT)
        rejection = Rejection(text=text, operator=candidate.operator, reason=shorten(reason, _REJECTED_TEXT))
        self._rejections = (*self._rejections, rejection)[-_REJECTIONS:]

    def record_judgement(self, message: PromptJudged) -> None:
        """Enter the judge's measures of a candidate, and their costs."""
        self.standings.record_judgement(message)
        self._costs.add_judgement(message)

    def note_front_runner(self, race: Race) -> None:
        """Take the leader of the opening race as good enough to write from, once few candidates are left."""
        self._races = self._races.note_front_runner(race, self.standings, self.plan.candidates)

    def finish_race(self, race: Race) -> tuple[RaceResult, ...]:
        """Finish a race that is over; return its results, one for each candidate."""
        self._races = self._races.finish(race, self.standings)
        self._steps = self._steps.add_race(won=race.winner is not None)
        self._costs.add_race(race, usual=race.typical and race.incumbent is not None and not self._closed)
        self.standings.set_best(race.winner or self.to_beat(race))
        self.standings.note_race(race.entered, race.stopped)
        results, self._claims = race_results(race, self.standings, self._claims)
        return results

    def halt(self, reason: str) -> None:
        """Note that the run can ask nothing more."""
        self._halted = reason

    def close(self) -> None:
        """Close the stage, with nothing but its last race to come."""
        require(self._closed is None, "the stage was closed before")
        require(not self._steps.under_way, "a step is under way")
        require(self.reason_to_close is not None, "there is no reason to close the stage")
        self._closed = self.reason_to_close
