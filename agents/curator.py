"""The curator agent: keeps the history, opens and closes stages, promotes prompts, gives the verdict."""

from collections.abc import Sequence

from autogen_core import MessageContext, message_handler

from ..prompts.candidate import Candidate, make_candidate
from ..prompts.seeds import seed_library
from ..prompts.task import Example, Split, Task
from .admission import distinct, reason_to_reject
from .messages import (
    CandidateRejected,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    Purpose,
    RunFinished,
    RunStarted,
    ScoringRequested,
    Stage,
    StageFinished,
    StageStarted,
    Standing,
    TaskLoaded,
)
from .role import Role
from .settings import SearchSettings, StageSettings
from .standings import Standings
from .verdict import compare, mcnemar, sentence

_GAIN = 1e-9
"""A score must rise by more than rounding to count as better."""


class Curator(Role):
    """Leads the run: source stage, promotion, target stage, comparison on held-out data."""

    name = "curator"

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Keeps the history and promotes prompts.")
        self._settings = settings
        self._tasks: dict[Stage, list[Task]] = {"source": [], "target": []}
        self._stage: Stage = "source"
        self._standings = Standings(())
        self._step = 0
        self._best = 0.0
        self._stale = 0
        self._finalists: list[Standing] = []
        self._final: dict[str, PromptScored] = {}

    @message_handler
    async def on_start(self, message: RunStarted, ctx: MessageContext) -> None:
        """Learn which tasks will come."""
        self._seed = message.seed
        self._awaited = {*message.source_tasks, message.target_task}

    @message_handler
    async def on_task(self, message: TaskLoaded, ctx: MessageContext) -> None:
        """Take a task in; with the last one the first stage opens."""
        self._tasks[message.stage].append(message.task)
        self._awaited.discard(message.task.name)
        if not self._awaited:
            await self._open("source" if self._tasks["source"] else "target", [])

    @message_handler
    async def on_proposals(self, message: ProposalsMade, ctx: MessageContext) -> None:
        """Admit what is new and sound, say why the rest is not, and have the admitted scored."""
        admitted = []
        for candidate in message.candidates:
            reason = reason_to_reject(candidate, self._standings, self._tasks[self._stage])
            if reason is None:
                self._standings.add(candidate)
                admitted.append(candidate)
                continue
            await self.tell(
                CandidateRejected(stage=self._stage, step=self._step, candidate=candidate, reason=reason)
            )
        await self._score(admitted, "search", "dev")
        if not admitted:
            await self._end_step()

    @message_handler
    async def on_scored(self, message: PromptScored, ctx: MessageContext) -> None:
        """Enter a score; once the step has all of its scores, decide how to go on."""
        if message.purpose == "final":
            self._final[message.candidate] = message
            if len(self._final) == len({s.candidate.id for s in self._finalists}):
                await self._conclude()
            return
        self._standings.record(message.candidate, message.task, message.score.composite)
        if self._standings.complete:
            await self._end_step()

    @property
    def _plan(self) -> StageSettings:
        return self._settings.source if self._stage == "source" else self._settings.target

    async def _open(self, stage: Stage, promoted: Sequence[Candidate]) -> None:
        tasks = self._tasks[stage]
        self._stage, self._step, self._best, self._stale = stage, 0, 0.0, 0
        self._standings = Standings([task.name for task in tasks])
        population = distinct([*self._initial(tasks), *promoted])
        await self.tell(
            StageStarted(
                stage=stage,
                tasks=tuple(task.name for task in tasks),
                steps=self._plan.steps,
                population=tuple(population),
            )
        )
        for candidate in population:
            self._standings.add(candidate)
        await self._score(population, "search", "dev")

    def _initial(self, tasks: Sequence[Task]) -> list[Candidate]:
        """What a person would begin with: the tasks' own prompts and, if wanted, the seed library."""
        written = [make_candidate(text, "initial") for task in tasks for text in task.initial_prompts]
        seeds = seed_library().prompts if self._settings.seed_prompts else ()
        return written + [make_candidate(text, "seed") for text in seeds]

    async def _score(self, candidates: Sequence[Candidate], purpose: Purpose, split: Split) -> None:
        for candidate in candidates:
            for task in self._tasks[self._stage]:
                await self.tell(
                    ScoringRequested(
                        stage=self._stage,
                        step=self._step,
                        purpose=purpose,
                        candidate=candidate,
                        task=task.name,
                        split=split,
                        examples=tuple(example.id for example in task.split(split)),
                    )
                )

    async def _end_step(self) -> None:
        best = self._standings.ranked()[0].score
        self._stale = 0 if best > self._best + _GAIN else self._stale + 1
        self._best = max(best, self._best)
        if self._step >= self._plan.steps:
            await self._close("all steps done")
        elif self._stale >= self._plan.patience:
            await self._close(f"{self._stale} steps without a better prompt")
        else:
            self._step += 1
            await self._request_proposals()

    async def _request_proposals(self) -> None:
        await self.tell(
            ProposalsRequested(
                stage=self._stage,
                step=self._step,
                count=self._plan.candidates,
                tasks=tuple(task.name for task in self._tasks[self._stage]),
                history=self._standings.history(self._settings.history),
                exemplars=self._exemplars(),
            )
        )

    def _exemplars(self) -> tuple[Example, ...]:
        pool = [example for task in self._tasks[self._stage] for example in task.train]
        random = self.random(self._seed, self._stage, self._step)
        return tuple(random.sample(pool, min(self._settings.exemplars, len(pool))))

    async def _close(self, reason: str) -> None:
        ranked = self._standings.ranked()
        await self.tell(
            StageFinished(
                stage=self._stage, steps=self._step, best=ranked[0], scored=len(ranked), reason=reason
            )
        )
        if self._stage == "source":
            await self._promote(ranked)
        else:
            await self._compare(ranked)

    async def _promote(self, ranked: Sequence[Standing]) -> None:
        chosen = ranked[: self._settings.promote]
        for rank, standing in enumerate(chosen, 1):
            await self.tell(
                PromptPromoted(
                    rank=rank,
                    standing=standing,
                    among=len(ranked),
                    examples=sum(len(task.dev) for task in self._tasks["source"]),
                    reason=f"rank {rank} of {len(ranked)} with a mean score of {standing.score:.3f}",
                )
            )
        await self._open("target", [standing.candidate for standing in chosen])

    async def _compare(self, ranked: Sequence[Standing]) -> None:
        """Have the best prompt and the best of the user's own scored on examples that no choice has seen."""
        initial = next(s for s in ranked if s.candidate.operator == "initial")
        self._finalists = [ranked[0], initial]
        await self._score(distinct([s.candidate for s in self._finalists]), "final", "test")

    async def _conclude(self) -> None:
        best, initial = (standing.candidate for standing in self._finalists)
        mine, theirs = self._final[best.id].outcomes, self._final[initial.id].outcomes
        comparisons = compare(mine, theirs, self._settings.weights, self._seed)
        p_value = mcnemar(mine, theirs)
        improved = comparisons[0].low > 0
        await self.tell(
            RunFinished(
                best=best,
                initial=initial,
                improved=improved,
                verdict=sentence(comparisons, p_value, improved=improved),
                comparisons=comparisons,
                p_value=None if best == initial else p_value,
            )
        )
