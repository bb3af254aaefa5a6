"""One stage from its opening to its end: which races there are, and what takes part in them."""

from collections.abc import Container, Sequence
from random import Random

from ...prompts.candidate import Candidate
from ..messages import CandidateRejected, ProposalsMade, ProposalsRequested, ReviewRequested, StageFinished
from .acceptance import challenger
from .admission import reason_to_reject
from .population import seeds
from .race import ExampleKey, Race, course
from .race_runner import RaceRunner
from .review import Review, review
from .seeding import seeded_random
from .settings import SearchSettings
from .stage_state import StageState
from .step_scheduler import StepScheduler


class StageSearch:
    """Searches in one stage; its steps are lanes of `scheduler`, several of which are under way at a time."""

    def __init__(
        self, settings: SearchSettings, state: StageState, scheduler: StepScheduler, seed: int
    ) -> None:
        self.state = state
        self._settings = settings
        self._scheduler = scheduler
        self._seed = seed
        self._races = RaceRunner(settings, state, scheduler)
        self._courses: dict[str | None, list[ExampleKey]] = {}

    async def run(self, population: Sequence[Candidate]) -> StageFinished:
        """Search from `population` on to the end of the stage; returns what to tell of it."""
        state = self.state
        if not state.halted:
            self._scheduler.start(self._open(population))
            # This goes on when no step is under way any more.
            await self._scheduler.turn()
            assert state.reason_to_close is not None
            state.closing = state.reason_to_close
            await self._check_best()
        ranked = state.standings.ranked()
        return StageFinished(
            stage=state.stage,
            steps=state.step,
            best=ranked[0],
            front=state.standings.front(),
            scored=len(ranked),
            evaluations=state.evaluations,
            spent=state.spent,
            saved=state.saved,
            reason=state.closing or state.halted or "",
        )

    def begin_steps(self) -> None:
        """Begin whatever may begin now."""
        state = self.state
        if state.wants_restart and (fresh := [c for c in seeds() if c.id not in state.standings]):
            state.restart()
            self._scheduler.start(self._restart(fresh))
        while state.may_begin and len(self._scheduler) < self._settings.concurrent_steps:
            state.step += 1
            self._scheduler.start(self._step(state.step))

    async def _open(self, population: Sequence[Candidate]) -> None:
        admitted = await self._admit(population, 0)
        await self._race(admitted, 0)

    async def _restart(self, fresh: Sequence[Candidate]) -> None:
        step = self.state.step
        await self._race(await self._admit(fresh, step), step)
        self.state.restarting = False

    async def _step(self, step: int) -> None:
        """Have prompts proposed, and race those that are new and sound."""
        state = self.state
        state.proposing += 1
        made: ProposalsMade
        [made] = await self._scheduler.ask([self._request(step)])
        state.record_proposals(made)
        sound: list[Candidate] = []
        for candidate in made.candidates:
            reason = reason_to_reject(candidate, state.standings, state.tasks, sound)
            if reason is None:
                sound.append(candidate)
            else:
                await self._reject(candidate, step, reason)
        admitted = await self._admit(sound, step)
        state.proposing -= 1
        await self._race(admitted, step)

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
                self._settings.history, self._random(step, "failures"), state.provisional()
            ),
            exemplars=tuple(exemplars),
        )

    async def _reject(self, candidate: Candidate, step: int, reason: str) -> None:
        await self._scheduler.tell(
            CandidateRejected(stage=self.state.stage, step=step, candidate=candidate, reason=reason)
        )

    async def _admit(self, candidates: Sequence[Candidate], step: int) -> list[Candidate]:
        """Those that the reviewers, if there are any, let through; they join the standings."""
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
                reason = reason_to_reject(one.current, state.standings, state.tasks, admitted)
            if reason is None:
                admitted.append(one.current)
                state.standings.add(one.current)
            else:
                await self._reject(one.original, step, reason)
        return admitted

    async def _race(self, candidates: Sequence[Candidate], step: int) -> None:
        """Race what was admitted against the best; with that the step ends."""
        state = self.state
        if candidates and not state.halted:
            best = state.standings.best or state.in_front
            order = self._course_against(best)
            rule = self._settings.race_rule(first=best is None)
            # Without races every candidate answers every example.
            order = order[: state.course(len(candidates))] if rule else order
            race = Race(order, [candidate.id for candidate in candidates], best, rule)
            if best is None:
                state.opening = race
            finished = await self._races.hold(race, step)
            if race is state.opening:
                state.opening = None
            await self._scheduler.tell(finished)
        state.end_step()

    async def _check_best(self) -> None:
        """Have the best prompt stand beside the best initial one on every example before the stage ends.

        It may have won its place on a few. Where it breaks a constraint, one that keeps it runs along.
        """
        state = self.state
        rival, other = state.rival, challenger(state.standings, self._settings.limits)
        runners = [id_ for id_ in (state.standings.best, other) if id_ not in (None, rival)]
        if state.halted or rival is None or not runners or not self._settings.racing:
            return
        race = Race(self._course("last race"), runners, rival, None)
        await self._scheduler.tell(await self._races.hold(race, state.step))

    def _course_against(self, best: str | None) -> list[ExampleKey]:
        """The same for all races against one prompt, which so has to answer it only once."""
        if best not in self._courses:
            answered = self.state.standings.answered(best) if best else ()
            self._courses[best] = self._course("race", best, answered=answered)
        return [place for place in self._courses[best] if place not in self.state.standings.excluded]

    def _course(self, *parts: object, answered: Container[ExampleKey] = ()) -> list[ExampleKey]:
        order = course(self.state.tasks, self._random(*parts), answered)
        return [place for place in order if place not in self.state.standings.excluded]

    def _random(self, *parts: object) -> Random:
        return seeded_random(self._seed, self.state.stage, *parts)
