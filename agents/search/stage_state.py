"""Where a stage stands: its candidates, how many steps it has gone, when it is time to end it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Literal

import numpy as np

from ...prompts.task import Task
from ..messages import PromptJudged, PromptScored, ProposalsMade, RaceResult, Spent, Stage
from ..messages.base import plural
from ..scoring.sequential import alpha_spending, e_value
from .race import ROUND, ExampleKey, Race
from .settings import PROPOSING, SearchSettings, StageSettings
from .standings import Standings

_BETTER = 0.05
"""The chance that a run ever says "better" of a prompt that is not, at most."""
_DEFECTIVE = 0.5
"""Below this share of readable answers a prompt is no place to start from."""
_EMPTY_STEPS = 3
FIRST_COURSE = 30
_LOSERS = 6
"""So many candidates in races that nobody wins make the next races twice as long."""
_PER_CANDIDATE = 5
"""Of the examples of a race, for each candidate: the best of many has had more luck than the best of few."""


Outcome = Literal["stopped", "scored", "better"]


class StageState:
    """One stage of a run, which goes by `plan`; a control ends when it has cost its `budget`, not sooner."""

    def __init__(
        self,
        stage: Stage,
        tasks: Sequence[Task],
        plan: StageSettings,
        settings: SearchSettings,
        budget: Spent | None = None,
    ) -> None:
        self.stage = stage
        self.tasks = tasks
        self.plan = plan
        self.standings = Standings(tasks, settings.weights, settings.thrift)
        self.step = 0
        """How many steps have begun."""
        self.claims = 0
        """How often "better" was tested in this run so far."""
        self.races: list[Race] = []
        """Those under way."""
        self.opening: Race | None = None
        """The race of the prompts that the stage begins with, as long as it goes on."""
        self.in_front: str | None = None
        """Who leads the opening race, once few are left in it."""
        self.closing: str | None = None
        """Why the stage ends, once nothing but its last race is left."""
        self.evaluations = 0
        self.proposal_tokens = 0
        self.judgement_tokens = 0
        self.budget = budget
        self.saved = 0
        self.halted: str | None = None
        """Why nothing more can be asked in this run."""
        self._at_once = settings.concurrent_steps
        self._asked: dict[str, set[ExampleKey]] = defaultdict(set)
        self.proposing = 0
        """How many steps wait for their proposals, or for what reviewers say to them."""
        self._costs: list[int] = []
        self._losers = 0
        """Candidates of races that nobody won."""
        self._stale = 0
        self._empty = 0
        self._raced = False
        self._won = False
        self._restarted = False
        self.restarting = False
        """Whether the race of other prompts, with which the search begins anew, is under way."""

    def unasked(self, candidate: str, places: Iterable[ExampleKey]) -> list[ExampleKey]:
        """Those of `places` that a candidate was not asked yet; they are counted as asked from now on."""
        new = [place for place in places if place not in self._asked[candidate]]
        self._asked[candidate].update(new)
        self.evaluations += len(new)
        return new

    def record(self, scores: Iterable[PromptScored]) -> None:
        """Enter scores; examples that somebody could not be asked count for nobody any more."""
        missing: set[ExampleKey] = set()
        for score in scores:
            self.standings.record(score)
            missing.update((score.task, example) for example in score.excluded)
        if missing:
            self.standings.leave_out(missing)
            for race in self.races:
                race.leave_out(missing)

    def record_judgement(self, message: PromptJudged) -> None:
        """Enter what the judge makes of a candidate."""
        self.standings.record_judgement(message)
        self.judgement_tokens += message.prompt_tokens + message.completion_tokens

    def record_proposals(self, message: ProposalsMade) -> None:
        """Enter what proposals have cost."""
        self.proposal_tokens += message.prompt_tokens + message.completion_tokens

    def to_beat(self, race: Race) -> str | None:
        """The prompt that a race is against now: the best, or in the last race the one it was made for."""
        return race.incumbent if self.closing else self.standings.best or race.incumbent

    @property
    def round_size(self) -> int:
        """Examples of a race's next round: the fewer are under way, the more each has to ask at a time."""
        return ROUND * self._at_once // max(1, len(self.races))

    def finish(self, race: Race) -> tuple[RaceResult, ...]:
        """Take in a finished race."""
        self.saved += race.saved
        if race.incumbent is not None and not self.closing:
            self._costs.append(race.cost)
        self._raced = True
        self._won = self._won or race.winner is not None
        if race.winner is None:
            self._losers += len(race.entered)
        self.standings.best = race.winner or self.to_beat(race)
        against = race.incumbent or race.winner
        assert against is not None
        results = []
        for id_ in race.entered:
            seen = race.seen[: race.stopped.get(id_, len(race.seen))]
            mine, theirs = self.standings.utilities(id_, seen), self.standings.utilities(against, seen)
            differences = [one - other for one, other in zip(mine, theirs, strict=True)]
            outcome: Outcome = "stopped" if id_ in race.stopped else "scored"
            if outcome == "scored" and race.incumbent:
                self.claims += 1
                if e_value(differences) >= 1 / alpha_spending(self.claims, _BETTER):
                    outcome = "better"
            results.append(
                RaceResult(
                    candidate=id_,
                    operator=self.standings[id_].operator,
                    outcome=outcome,
                    gain=float(np.mean(differences)) if differences else 0.0,
                    examples=len(seen),
                )
            )
        return tuple(results)

    def course(self, candidates: int) -> int:
        """On how many examples so many candidates race: few while great gains are to be had.

        It doubles with every few candidates that lose: what is left to gain is then harder to see.
        """
        return max(FIRST_COURSE << self._losers // _LOSERS, _PER_CANDIDATE * candidates)

    def end_step(self) -> None:
        """Look whether the step has brought a better prompt, or any."""
        self._stale = 0 if self._won else self._stale + 1
        self._empty = 0 if self._raced else self._empty + 1
        self._raced = self._won = False

    @property
    def rival(self) -> str | None:
        """The best of the tasks' own prompts, which the best prompt has to face before the stage ends.

        None in a source stage: what it finds has to prove itself in the target stage anyway.
        """
        if self.stage == "source":
            return None
        initial = (s.candidate.id for s in self.standings.ranked() if s.candidate.operator == "initial")
        return next(initial, None)

    def _owed(self) -> dict[str, int]:
        """Who has to answer how many examples yet in the last race, for which the budget keeps something."""
        best, rival = self.standings.best, self.rival
        if best is None or rival is None or best == rival:
            return {}
        every = [(task.name, example.id) for task in self.tasks for example in task.dev]
        return {
            id_: sum(place not in self.standings.answered(id_) for place in every) for id_ in (best, rival)
        }

    @property
    def wants_restart(self) -> bool:
        """Whether the search has got nowhere, or its best prompt is too poor to begin with.

        A search that is stuck on its way is past what prompts for any task can bring.
        """
        return (
            not self.halted
            and not self._restarted
            and (self._defective or (self._stale >= self.plan.patience and self._at_start))
        )

    @property
    def may_begin(self) -> bool:
        """Whether another step may begin now, beside those under way.

        It learns most from those before it if their candidates have been looked at.
        """
        return (
            self.proposing < (PROPOSING if self._at_once > PROPOSING else 1)
            and not self.restarting
            and sum(not race.looks for race in self.races) <= max(0, self._at_once // 2 - 1)
            and (self.opening is None or self.in_front is not None)
            and self.reason_to_close is None
        )

    def provisional(self) -> str | None:
        """Who will be the best if the races under way end as they stand; else the best."""
        for race in reversed(self.races):
            if race.field and race.looks and race.incumbent is not None:
                seen = race.seen[: race.looks]
                everybody = (race.incumbent, *race.field)
                totals = {id_: sum(self.standings.utilities(id_, seen)) for id_ in everybody}
                if (first := max(totals, key=totals.__getitem__)) != race.incumbent:
                    return first
        return self.standings.best

    def note_leader(self, race: Race) -> None:
        """Few are left in the opening race: whoever leads it is good enough to write new prompts from."""
        if race.field and len(race.field) <= self.plan.candidates:
            self.in_front = max(race.field, key=lambda id_: sum(self.standings.utilities(id_, race.seen)))

    def restart(self) -> None:
        """The search begins anew with other prompts, which it does once."""
        self._restarted = self.restarting = True
        # The race of these prompts is no step: it leaves the count at zero where it brings nothing.
        self._stale = -1

    @property
    def spent(self) -> Spent:
        """What the stage has cost so far."""
        return Spent(
            evaluations=self.evaluations,
            answers=self.standings.tokens,
            proposals=self.proposal_tokens,
            judgements=self.judgement_tokens,
        )

    @property
    def reason_to_close(self) -> str | None:
        """Why the stage is over, or None."""
        if self.halted:
            return self.halted
        if self._empty >= _EMPTY_STEPS:
            return f"{self._empty} steps without a new prompt"
        if spent := self._reason_of_plan():
            return spent
        if self.budget is not None:
            return self._reason_of_budget(self.budget)
        if self.step >= self.plan.steps:
            return "all steps done"
        if self._stale >= self.plan.patience:
            return f"{plural(self._stale, 'step')} without a better prompt"
        return None

    def _reason_of_plan(self) -> str | None:
        """Which budget of the plan is used up but for what the last race will take."""
        answers, tokens = self._due()
        if self.plan.budget is not None and self.evaluations + answers >= self.plan.budget:
            return f"{self.evaluations} evaluations{_kept(answers)}, with a budget of {self.plan.budget}"
        if self.plan.tokens is not None and self.standings.tokens + tokens >= self.plan.tokens:
            return f"{self.standings.tokens} tokens{_kept(tokens)}, with a budget of {self.plan.tokens}"
        return None

    def _reason_of_budget(self, budget: Spent) -> str | None:
        spent, (answers, tokens) = self.spent, self._due()
        # Some clients count no tokens: evaluations are then all there is to go by.
        if budget.tokens:
            over, kept = spent.tokens + tokens >= budget.tokens, tokens
        else:
            over, kept = spent.evaluations + answers >= budget.evaluations, answers
        return f"{spent} spent{_kept(kept)}, with a budget of {budget}" if over else None

    def _due(self) -> tuple[int, int]:
        """Evaluations and tokens that the last race will take, and before it the steps under way."""
        owed = self._owed()
        tokens = sum(count * self.standings.rate(id_) for id_, count in owed.items())
        begun = self._to_come()
        mean = self.standings.tokens / self.evaluations if self.evaluations else 0.0
        return sum(owed.values()) + begun, round(tokens + begun * mean)

    def _to_come(self) -> int:
        """Evaluations that the steps under way will take yet, if they are like those before."""
        usual = round(fmean(self._costs)) if self._costs else 2 * ROUND
        return sum(max(0, usual - race.cost) for race in self.races) + usual * self.proposing

    @property
    def _at_start(self) -> bool:
        best = self.standings.best
        return best is None or self.standings[best].operator == "initial"

    @property
    def _defective(self) -> bool:
        if self.standings.best is None:
            return False
        followed = [score.value("ifr") for score in self.standings.scores(self.standings.best).values()]
        return all(share is not None and share < _DEFECTIVE for share in followed)


def _kept(count: int) -> str:
    return f" and {count} for the last race" if count else ""
