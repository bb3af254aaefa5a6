"""Where a stage stands: its candidates, how many steps it has gone, when it is time to end it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from ..prompts.task import Task
from .messages import RaceResult, Spent, Stage
from .messages.base import counted
from .race import Place, Race
from .sequential import alpha_spending, e_value
from .settings import StageSettings
from .standings import Standings

_BETTER = 0.05
"""The chance that a run ever says "better" of a prompt that is not, at most."""
_DEFECTIVE = 0.5
"""Below this share of readable answers a prompt is no place to start from."""
_EMPTY_STEPS = 3
FIRST_COURSE = 30
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
        weights: Mapping[str, float],
        thrift: float = 0.0,
        budget: Spent | None = None,
    ) -> None:
        self.stage = stage
        self.tasks = tasks
        self.plan = plan
        self.standings = Standings(tasks, weights, thrift)
        self.step = 0
        self.closing: str | None = None
        """Why the stage ends, once nothing but its last race is left."""
        self.evaluations = 0
        self.proposal_tokens = 0
        self.judgement_tokens = 0
        self.budget = budget
        self.saved = 0
        self.excluded: set[Place] = set()
        """Examples that somebody could not be asked, because a call had failed: they count for nobody."""
        self.halted: str | None = None
        """Why nothing more can be asked in this run."""
        self._course = FIRST_COURSE
        self._stale = 0
        self._empty = 0
        self._raced = False
        self._won = False
        self._restarted = False

    def finish(self, race: Race, claims: int) -> tuple[tuple[RaceResult, ...], int]:
        """Take in a finished race; `claims` counts the tests of "better" in this run so far, and goes on."""
        self.saved += race.saved
        self._raced = True
        self._won = self._won or race.winner is not None
        self.standings.best = race.winner or race.incumbent
        results = []
        against = race.incumbent or race.winner
        assert against is not None
        for id_ in race.entered:
            seen = race.seen[: race.stopped.get(id_, len(race.seen))]
            mine, theirs = self.standings.utilities(id_, seen), self.standings.utilities(against, seen)
            differences = [one - other for one, other in zip(mine, theirs, strict=True)]
            outcome: Outcome = "stopped" if id_ in race.stopped else "scored"
            if outcome == "scored" and race.incumbent:
                claims += 1
                if e_value(differences) >= 1 / alpha_spending(claims, _BETTER):
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
        return tuple(results), claims

    def course(self, candidates: int) -> int:
        """On how many examples so many candidates race: few while great gains are to be had.

        It doubles with each race that nobody wins: what is left to gain is then harder to see.
        """
        return max(self._course, _PER_CANDIDATE * candidates)

    def leave_out(self, places: Iterable[Place], race: Race) -> None:
        """Some candidate could not be asked these examples: they count for nobody any more."""
        self.excluded.update(places)
        race.leave_out(self.excluded)
        self.standings.leave_out(self.excluded)

    def end_step(self) -> None:
        """Look whether the step has brought a better prompt, or any."""
        if self._raced and not self._won:
            self._course *= 2
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

    def restart(self) -> None:
        """The search begins anew with other prompts, which it does once."""
        self._restarted = True
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
            return f"{counted(self._stale, 'step')} without a better prompt"
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
        """Evaluations and tokens that the last race will take."""
        owed = self._owed()
        tokens = sum(count * self.standings.rate(id_) for id_, count in owed.items())
        return sum(owed.values()), round(tokens)

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
