"""The curator agent, which leads a run from its first stage to its verdict."""

from collections.abc import Mapping, Sequence

from autogen_core import MessageContext, message_handler

from ...prompts.candidate import Candidate
from ...prompts.integrity import breach_of_any
from ...prompts.task import Task
from ..messages import (
    BudgetExhausted,
    CandidateRejected,
    CandidateStopped,
    ExperienceApplied,
    ExperienceLoaded,
    JudgementRequested,
    PromptJudged,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    RaceFinished,
    ReviewGiven,
    ReviewRequested,
    RunFinished,
    RunStarted,
    ScoringRequested,
    Spent,
    Stage,
    StageFinished,
    StageSkipped,
    StageStarted,
    TaskLoaded,
)
from ..scoring.objective import metric_title
from ..scoring.verdict import conclude
from ..search.admission import distinct
from ..search.experience import apply_experience
from ..search.population import initial_prompts, seeds
from ..search.promotion import promote
from ..search.settings import SearchSettings, StageSettings
from ..search.shares import source_share
from ..search.stage import StageSearch
from ..search.stage_state import StageState
from ..search.step_scheduler import StepScheduler
from ..search.transfer_gate import Transferred
from .task_role import TaskRole


class Curator(TaskRole):
    """The agent that opens and closes stages, promotes prompts, and compares finalists on held-out data."""

    name = "curator"
    says = (
        CandidateRejected,
        CandidateStopped,
        ExperienceApplied,
        JudgementRequested,
        PromptPromoted,
        ProposalsRequested,
        RaceFinished,
        ReviewRequested,
        RunFinished,
        ScoringRequested,
        StageFinished,
        StageSkipped,
        StageStarted,
    )

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Keeps the history and promotes prompts.", settings)
        self._by_stage: dict[Stage, list[Task]] = {"source": [], "target": [], "control": []}
        self._scheduler = StepScheduler(self.tell, self._after_turn)
        self._search: StageSearch | None = None
        self._missing: set[str] = set()
        """Names of tasks that were announced and have not come yet."""
        self._experience: ExperienceLoaded | None = None
        self._claims = 0
        """Number of tests for "better" so far, over all stages."""
        self._spent = Spent()
        self._halted: str | None = None

    async def begin(self, message: RunStarted) -> None:
        """Note which tasks will follow."""
        self._missing = {*message.source_tasks, message.target_task}

    async def learn(self, message: TaskLoaded) -> None:
        """Keep the task; with the last task the first stage opens."""
        self._by_stage[message.stage].append(message.task)
        self._missing.discard(message.task.name)
        if not self._missing:
            self._by_stage["control"] = self._by_stage["target"]
            self._scheduler.start_main(self._run())

    @message_handler
    async def on_experience(self, message: ExperienceLoaded, ctx: MessageContext) -> None:
        """Keep the lessons of earlier runs until the target stage begins."""
        self._experience = message

    @message_handler
    async def on_budget(self, message: BudgetExhausted, ctx: MessageContext) -> None:
        """Halt the search: races under way end, and the best prompt so far goes to the verdict."""
        self._halted = f"the budget of {message.budget:,.10g} {message.limit} has ended"
        if self._search is not None:
            self._search.state.halt(self._halted)

    @message_handler
    async def on_answer(
        self, message: ProposalsMade | PromptScored | PromptJudged | ReviewGiven, ctx: MessageContext
    ) -> None:
        """Hand an answer to the step that asked for it, and let all steps go on that now can."""
        self._scheduler.deliver(message)

    def _after_turn(self) -> None:
        if self._search is not None:
            self._search.begin_steps()

    async def _run(self) -> None:
        """Run all stages, the promotion between them, and the verdict."""
        promoted: Sequence[Transferred] = ()
        if sources := self._by_stage["source"]:
            targets = self._by_stage["target"]
            if reason := self._reason_to_skip_sources():
                names = tuple(task.name for task in sources)
                await self.tell(StageSkipped(stage="source", tasks=names, reason=reason))
            else:
                source = await self._stage("source")
                promoted = await promote(source, self._settings, self._seed, targets, self._scheduler)
        last = await self._stage("target", promoted, await self._experienced())
        ranked = last.standings.ranked()
        # An initial prompt of a source task is no initial prompt of the target.
        own = {candidate.id for candidate in initial_prompts(last.tasks)}
        initial = next(standing.candidate for standing in ranked if standing.candidate.id in own)
        finalists = {"best": ranked[0].candidate, "initial": initial}
        if self._settings.control and not self._halted:
            last = await self._stage("control")
            finalists["control"] = last.standings.ranked()[0].candidate
        await self._compare(finalists, last)

    async def _experienced(self) -> list[Transferred]:
        """Return the prompt that the experience of earlier runs suggests for the target, if there is one."""
        if self._experience is None:
            return []
        [target] = self._by_stage["target"]
        return await apply_experience(self._experience, self._settings, target, self._scheduler)

    async def _stage(
        self, stage: Stage, promoted: Sequence[Transferred] = (), experienced: Sequence[Transferred] = ()
    ) -> StageState:
        """Run a stage from its opening to its end; return its final state."""
        tasks = self._by_stage[stage]
        plan = self._plan(stage)
        budget = self._spent if stage == "control" else None
        if budget:
            plan = plan.model_copy(update={"budget": None, "tokens": None})
        state = StageState(stage, tasks, plan, self._settings, budget, self._claims)
        own = initial_prompts(tasks)
        library = seeds(tasks) if self._settings.seed_prompts else []
        transferred = [*await self._fitting(promoted, tasks, stage), *experienced]
        population = distinct([*own, *library])
        # Behind a transferred prompt that passes its gate, the user's others follow step by step: many
        # prompts in the first race would cost more than they tell.
        waiting = distinct(own)[1:] if transferred else []
        await self.tell(
            StageStarted(
                stage=stage,
                tasks=tuple(task.name for task in tasks),
                steps=plan.steps,
                population=tuple(distinct([*(one.candidate for one in transferred), *population])),
                budget=budget,
            )
        )
        if self._halted:
            state.halt(self._halted)
            for candidate in distinct([*(one.candidate for one in promoted), *population]):
                state.standings.add(candidate)
            # Promoted prompts were tried in the source stage, the others never.
            state.standings.set_best(next((one.candidate.id for one in promoted), None))
        self._search = StageSearch(self._settings, state, self._scheduler, self._seed, waiting)
        await self.tell(await self._search.run(population, transferred))
        self._search = None
        self._claims, self._spent = state.claims, self._spent + state.spent
        return state

    @property
    def _labels(self) -> int:
        """Number of labelled examples of the target that the search may use."""
        return sum(len(task.train) + len(task.dev) for task in self._by_stage["target"])

    def _reason_to_skip_sources(self) -> str | None:
        """Return why all evaluations of a limit for both stages should go to the target, or None."""
        settings = self._settings
        if settings.evaluations is None or settings.source.budget or source_share(self._labels):
            return None
        return (
            f"the target's {self._labels} labelled examples are ample, and each evaluation of a source is "
            "worth less to it than one of its own; source.budget gives the sources some nevertheless"
        )

    def _plan(self, stage: Stage) -> StageSettings:
        """Return the settings of a stage, with its share of the evaluations if there is a limit for both."""
        plan = self._settings.source if stage == "source" else self._settings.target
        total = self._settings.evaluations
        if total is None or plan.budget is not None:
            return plan
        share = source_share(self._labels) * total if stage == "source" else total - self._spent.evaluations
        return plan.model_copy(update={"budget": max(1, round(share))})

    async def _fitting(
        self, promoted: Sequence[Transferred], tasks: Sequence[Task], stage: Stage
    ) -> list[Transferred]:
        """Return the promoted prompts that keep the contracts of the tasks, and reject the others."""
        fitting = []
        for one in promoted:
            if breach := breach_of_any(tasks, one.candidate.text):
                await self.tell(
                    CandidateRejected(stage=stage, step=0, candidate=one.candidate, reason=breach)
                )
            else:
                fitting.append(one)
        return fitting

    async def _compare(self, finalists: Mapping[str, Candidate], last: StageState) -> None:
        """Have the finalists scored on examples that no choice has seen, and send the verdict."""
        [task] = self._by_stage["target"]
        scores: list[PromptScored] = await self._scheduler.ask(
            ScoringRequested(
                stage=last.stage,
                step=last.steps.begun,
                purpose="final",
                candidate=candidate,
                task=task.name,
                split="test",
                examples=tuple(example.id for example in task.test),
            )
            for candidate in distinct(list(finalists.values()))
        )
        final = {score.candidate: score for score in scores}
        await self.tell(
            conclude(finalists, final, self._settings.objective_weights, self._seed, metric_title(task))
        )
