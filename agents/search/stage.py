"""The search in one stage, from its opening to its end: which races there are, and who takes part."""

from collections import deque
from collections.abc import Container, Sequence
from random import Random

from ...prompts.candidate import Candidate
from ...prompts.task import Split
from ..messages import CandidateRejected, ProposalsMade, ProposalsRequested, ReviewRequested, StageFinished
from . import last_race
from .admission import reason_to_reject
from .composition import Composer
from .population import seeds
from .race import Race, race_order
from .race_length import race_length
from .race_runner import RaceRunner
from .review import Review, review
from .score_history import ExampleKey
from .seeding import seeded_random
from .settings import SearchSettings
from .stage_state import StageState
from .stage_steps import OPENING
from .step_scheduler import StepScheduler
from .transfer_gate import TransferGate, Transferred


class StageSearch:
    """The search in one stage. Each of its steps is a coroutine that `scheduler` gives turns.

    Each of the first steps takes one of the prompts `waiting` into its race, besides the proposals.
    """

    def __init__(
        self,
        settings: SearchSettings,
        state: StageState,
        scheduler: StepScheduler,
        seed: int,
        waiting: Sequence[Candidate] = (),
    ) -> None:
        self.state = state
        self._settings = settings
        self._scheduler = scheduler
        self._seed = seed
        self._waiting = deque(waiting)
        self._races = RaceRunner(settings, state, scheduler)
        self._composer = Composer(state.tasks, settings.longest_prompt)
        self._orders: dict[str | None, list[ExampleKey]] = {}

    async def run(
        self, population: Sequence[Candidate], transferred: Sequence[Transferred] = ()
    ) -> StageFinished:
        """Search from `population` on to the end of the stage; return the message of its end.

        The first of the population is the user's own prompt that the `transferred` ones have to face.
        """
        state = self.state
        if not state.halted:
            self._scheduler.start(self._open(population, transferred))
            # The turn comes when no step is under way any more.
            await self._scheduler.turn()
            state.close()
            await self._hold_last_race()
        ranked = state.standings.ranked()
        return StageFinished(
            stage=state.stage,
            steps=state.steps.begun,
            best=ranked[0],
            front=state.standings.front(),
            scored=len(ranked),
            evaluations=state.spent.evaluations,
            spent=state.spent,
            saved=state.saved,
            reason=state.closed or state.halted or "",
        )

    def begin_steps(self) -> None:
        """Begin a restart if the search needs one, and as many steps as may begin now."""
        state = self.state
        library = seeds(state.tasks) if self._settings.restart_with_seeds else []
        if state.wants_restart and (fresh := [c for c in library if c.id not in state.standings]):
            state.restart()
            self._scheduler.start(self._restart(fresh))
        while state.may_begin and len(self._scheduler) < self._settings.concurrent_steps:
            self._scheduler.start(self._step(state.begin_step()))

    async def _open(self, population: Sequence[Candidate], transferred: Sequence[Transferred]) -> None:
        state = self.state
        with state.gate():
            passed = await self._pass_gate(population, transferred)
        if not passed:
            self._waiting.clear()
            known = [one for one in population if one.id in state.standings]
            new = [one for one in population if one.id not in state.standings]
            await self._race([*known, *await self._admit(new, OPENING)], OPENING)
        state.end_step(OPENING)

    async def _pass_gate(self, population: Sequence[Candidate], transferred: Sequence[Transferred]) -> bool:
        """Have the transferred prompts face the user's own one; return whether one has passed.

        If none has, the stage opens as it would have without them.
        """
        state, passed = self.state, False
        own_ones = {candidate.id for candidate in population}
        for one in transferred:
            if one.candidate.id in state.standings or one.candidate.id in own_ones:
                continue
            new = [c for c in (one.candidate, population[0]) if c.id not in state.standings]
            admitted = await self._admit(new, OPENING)
            own = state.standings.best or population[0].id
            if one.candidate not in admitted or own not in state.standings or state.halted:
                continue
            # Training examples decide where there are few others: these prompts were not written from them.
            order = [*self._order("race", None), *self._order("gate", split="train")]
            race = TransferGate(order, one, own)
            finished = await self._races.hold(race, OPENING)
            passed = passed or finished.winner is not None
            if finished.winner is None and not state.halted:
                state.standings.withdraw(one.candidate.id)
            await self._scheduler.tell(finished)
        if not (passed or state.halted):
            state.standings.set_best(None)
        return passed

    async def _restart(self, fresh: Sequence[Candidate]) -> None:
        step = self.state.steps.begun
        await self._race(await self._admit(fresh, step), step)
        self.state.end_restart()

    async def _step(self, step: int) -> None:
        """Have prompts proposed, and race those that are new and sound."""
        state = self.state
        proposals: ProposalsMade
        [proposals] = await self._scheduler.ask([self._request(step)])
        state.record_proposals(proposals)
        sound: list[Candidate] = []
        waiting = [self._waiting.popleft()] if self._waiting else []
        for candidate in (*waiting, *proposals.candidates):
            reason = self._reason_to_reject(candidate, sound)
            if reason is None:
                sound.append(candidate)
            else:
                await self._reject(candidate, step, reason)
        if not waiting:
            sound += self._composed(sound)
        admitted = await self._admit(sound, step)
        state.end_proposals(step)
        await self._race(admitted, step)
        state.end_step(step)

    def _composed(self, proposed: Sequence[Candidate]) -> list[Candidate]:
        """Return the prompt that the answers speak for, unless it is among those proposed or unsound."""
        made = self._composer.compose(self.state.standings)
        return [made] if made is not None and self._reason_to_reject(made, proposed) is None else []

    def _request(self, step: int) -> ProposalsRequested:
        state = self.state
        pool = [example for task in state.tasks for example in task.train]
        exemplars = self._random(step).sample(pool, min(self._settings.exemplars, len(pool)))
        return ProposalsRequested(
            stage=state.stage,
            step=step,
            count=state.plan.candidates,
            tasks=tuple(task.name for task in state.tasks),
            history=state.standings.history(
                self._settings.history,
                self._random(step, "failures"),
                state.races.provisional_best(state.standings),
            ),
            exemplars=tuple(exemplars),
            rejections=state.rejections,
        )

    def _reason_to_reject(self, candidate: Candidate, admitted: Sequence[Candidate]) -> str | None:
        state, limit = self.state, self._settings.longest_prompt
        return reason_to_reject(candidate, state.standings, state.tasks, admitted, limit)

    async def _reject(self, candidate: Candidate, step: int, reason: str) -> None:
        self.state.record_rejection(candidate, reason)
        await self._scheduler.tell(
            CandidateRejected(stage=self.state.stage, step=step, candidate=candidate, reason=reason)
        )

    async def _admit(self, candidates: Sequence[Candidate], step: int) -> list[Candidate]:
        """Return the candidates that the reviewers let through; they join the standings."""
        state = self.state

        def request(reviewer: str, one: Review) -> ReviewRequested:
            return ReviewRequested(
                stage=state.stage,
                step=step,
                moment="admission",
                reviewer=reviewer,
                candidate=one.current,
                tasks=tuple(task.name for task in state.tasks),
            )

        admitted: list[Candidate] = []
        for one in await review("admission", candidates, self._settings.reviewers, request, self._scheduler):
            reason = one.veto
            if reason is None and one.current is not one.original:
                reason = self._reason_to_reject(one.current, admitted)
            if reason is None:
                admitted.append(one.current)
                state.standings.add(one.current)
            else:
                await self._reject(one.original, step, reason)
        return admitted

    async def _race(self, candidates: Sequence[Candidate], step: int) -> None:
        """Race the admitted candidates against the best prompt, or against each other if there is none."""
        state = self.state
        if not candidates or state.halted:
            return
        best = state.standings.best or state.races.front_runner
        order = self._order_against(best)
        rule = self._settings.race_rule(first=best is None)
        # Without races every candidate answers every example.
        length = race_length(len(candidates), state.races.losers, guarded=self._settings.guarded)
        order = order[:length] if rule else order
        race = Race(order, [candidate.id for candidate in candidates], best, rule)
        await self._scheduler.tell(await self._races.hold(race, step))

    async def _hold_last_race(self) -> None:
        """Race the best prompts against the best initial one on every example."""
        state = self.state
        rival = last_race.rival(state.stage, state.standings)
        runners = last_race.runners(state.stage, state.standings, self._settings.limits)
        if state.halted or rival is None or not runners or not self._settings.racing:
            return
        race = Race(self._order("last race"), runners, rival, None)
        await self._scheduler.tell(await self._races.hold(race, state.steps.begun))

    def _order_against(self, best: str | None) -> list[ExampleKey]:
        """Return the order of the examples, the same in all races against one prompt.

        The prompt so has to answer each example only once. Races against an own prompt of the user keep the
        order of the opening, whose first examples it has answered: it was hardly lucky with them.
        """
        standings = self.state.standings
        if best is not None and standings[best].operator == "initial":
            best = None
        if best not in self._orders:
            answered = standings.answered(best) if best else ()
            self._orders[best] = self._order("race", best, answered=answered)
        return [key for key in self._orders[best] if key not in standings.excluded]

    def _order(
        self, *parts: object, answered: Container[ExampleKey] = (), split: Split = "dev"
    ) -> list[ExampleKey]:
        order = race_order(self.state.tasks, self._random(*parts), answered, split)
        return [key for key in order if key not in self.state.standings.excluded]

    def _random(self, *parts: object) -> Random:
        return seeded_random(self._seed, self.state.stage, *parts)
