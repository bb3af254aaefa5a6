"""The curator agent, which leads a run from its first stage to its verdict."""

from collections.abc import Sequence

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
    MergeMade,
    MergeRequested,
    MigrationChecked,
    PromptJudged,
    PromptPromoted,
    PromptsCarried,
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
    TargetFinished,
    TargetsFinished,
    TaskLoaded,
)
from ..scoring.objective import metric_title
from ..scoring.verdict import conclude
from ..search.admission import distinct
from ..search.experience import apply_experience
from ..search.final_scores import final_scores
from ..search.migration import regressions, rescoring
from ..search.population import initial_prompts, seeds
from ..search.promotion import promote
from ..search.settings import SearchSettings, StageSettings
from ..search.shares import source_share
from ..search.stage import StageSearch
from ..search.stage_state import StageState
from ..search.step_scheduler import StepScheduler
from ..search.transfer_gate import Transferred, promised
from ..stage_names import StageKind, is_kind, stage_name, stage_target
from .task_role import TaskRole


class Curator(TaskRole):
    """The agent that opens and closes stages, promotes prompts, and compares finalists on held-out data."""

    name = "curator"
    says = (
        CandidateRejected,
        CandidateStopped,
        ExperienceApplied,
        JudgementRequested,
        MergeRequested,
        MigrationChecked,
        PromptPromoted,
        ProposalsRequested,
        RaceFinished,
        ReviewRequested,
        RunFinished,
        ScoringRequested,
        StageFinished,
        StageSkipped,
        StageStarted,
        TargetFinished,
        TargetsFinished,
    )

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Keeps the history and promotes prompts.", settings)
        self._sources: list[Task] = []
        self._targets: list[Task] = []
        self._scheduler = StepScheduler(self.tell, self._after_turn)
        self._search: StageSearch | None = None
        self._missing: set[str] = set()
        """Names of tasks that were announced and have not come yet."""
        self._experience: dict[str, ExperienceLoaded] = {}
        """Lessons of earlier runs by target, or by "" if there is one target."""
        self._carried: PromptsCarried | None = None
        self._claims = 0
        """Number of tests for "better" so far, over all stages."""
        self._spent = Spent()
        """Cost of all stages so far but the controls."""
        self._taught: list[StageState] = []
        """Stages that have lessons for the targets to come: the source stage, then those of the targets."""
        self._reached: dict[str, RunFinished] = {}
        """Verdicts of the targets so far, by the names of their tasks."""
        self._halted: str | None = None
        self._ended: dict[str, str] = {}
        """Targets that have used their share of the budget -> the reason to end their searches."""

    async def begin(self, message: RunStarted) -> None:
        """Note which tasks will follow."""
        self._missing = {*message.source_tasks, *message.target_tasks}

    async def learn(self, message: TaskLoaded) -> None:
        """Keep the task; with the last task the first stage opens."""
        tasks = self._sources if is_kind(message.stage, "source") else self._targets
        tasks.append(message.task)
        self._missing.discard(message.task.name)
        if not self._missing:
            self._scheduler.start_main(self._run())

    @message_handler
    async def on_experience(self, message: ExperienceLoaded, ctx: MessageContext) -> None:
        """Keep the lessons of earlier runs until the stage of their target begins."""
        self._experience[message.target] = message

    @message_handler
    async def on_carried(self, message: PromptsCarried, ctx: MessageContext) -> None:
        """Keep the prompts of another model until the task is known."""
        self._carried = message

    @message_handler
    async def on_budget(self, message: BudgetExhausted, ctx: MessageContext) -> None:
        """Halt the search, or that for one target: races end, and the best prompt goes to the verdict."""
        if message.stage is None:
            self._halted = f"the budget of {message.budget:,.10g} {message.limit} has ended"
        else:
            used = f"it has used its share of the {message.limit} in the budget"
            self._ended[stage_target(message.stage)] = used
        if self._search is not None and (reason := self._reason_to_halt(self._search.state.stage)):
            self._search.state.halt(reason)

    def _reason_to_halt(self, stage: Stage) -> str | None:
        """Return why a stage can ask nothing more, or None."""
        return self._halted or self._ended.get(stage_target(stage))

    @message_handler
    async def on_answer(
        self,
        message: ProposalsMade | PromptScored | PromptJudged | ReviewGiven | MergeMade,
        ctx: MessageContext,
    ) -> None:
        """Hand an answer to the step that asked for it, and let all steps go on that now can."""
        self._scheduler.deliver(message)

    def _after_turn(self) -> None:
        if self._search is not None:
            self._search.begin_steps()

    async def _run(self) -> None:
        """Run the source stage, and for each target the promotion, its stages and its verdict."""
        if self._carried is not None:
            await self._migrate(self._carried)
            return
        source = await self._search_sources() if self._sources else None
        self._taught = [] if source is None else [source]
        for target in self._targets:
            self._reached[target.name] = await self._reach(target, source)
        if len(self._targets) > 1:
            better = tuple(name for name, verdict in self._reached.items() if verdict.improved)
            await self.tell(TargetsFinished(targets=tuple(self._reached), improved=better))

    async def _search_sources(self) -> StageState | None:
        """Run the source stage, or leave it out if the evaluations are worth more to the targets."""
        settings = self._settings
        share = source_share(self._labels)
        if settings.evaluations is None or settings.source.budget or share:
            return await self._stage("source", self._sources)
        reason = (
            f"{min(self._labels)} labelled examples or more for each target are ample, and an evaluation of "
            "a source is worth less to it than one of its own; source.budget gives the sources some "
            "nevertheless"
        )
        names = tuple(task.name for task in self._sources)
        await self.tell(StageSkipped(stage="source", tasks=names, reason=reason))
        return None

    @property
    def _labels(self) -> list[int]:
        """Number of labelled examples of each target that the search may use."""
        return [len(task.train) + len(task.dev) for task in self._targets]

    async def _reach(self, target: Task, source: StageState | None) -> RunFinished:
        """Search for the prompt of a target, beginning with what was taught so far; return the verdict."""
        stage = self._named("target", target)
        promoted = await promote(self._taught, self._settings, self._seed, [target], self._scheduler, stage)
        experienced = await self._experienced(target)
        before = source.spent.shared(len(self._targets)) if source is not None else Spent()
        before = sum((one.wording for one in (*promoted, *experienced)), before)
        last = await self._stage(stage, [target], promoted, experienced)
        self._taught.append(last)
        return await self._conclude(target, last, before + last.spent)

    async def _migrate(self, carried: PromptsCarried) -> None:
        """Score the prompts of another model, search on if the best is worse there, and send the verdict."""
        [target] = self._targets
        prompts = [one.candidate for one in carried.prompts]
        last = await self._stage("carried", [target], population=prompts)
        regressed = () if self._halted else regressions(carried, last.standings)
        best = carried.prompts[0].candidate.id
        await self.tell(MigrationChecked(candidate=best, regressed=regressed))
        if regressed:
            first = Transferred(last.standings.ranked()[0].candidate, promised([]))
            last = await self._stage("target", [target], [first], await self._experienced(target))
        await self._conclude(target, last, self._spent)

    def _named(self, kind: StageKind, target: Task) -> Stage:
        """Return the name of a stage of a target."""
        return stage_name(kind, target.name if len(self._targets) > 1 else "")

    async def _experienced(self, target: Task) -> list[Transferred]:
        """Return the prompt that the experience of earlier runs suggests for a target, if there is one."""
        stage = self._named("target", target)
        loaded = self._experience.get(stage_target(stage))
        if loaded is None:
            return []
        return await apply_experience(loaded, self._settings, target, self._scheduler, stage)

    async def _stage(
        self,
        stage: Stage,
        tasks: Sequence[Task],
        promoted: Sequence[Transferred] = (),
        experienced: Sequence[Transferred] = (),
        *,
        population: Sequence[Candidate] = (),
        budget: Spent | None = None,
    ) -> StageState:
        """Run a stage from its opening to its end; return its final state. A control has a `budget`."""
        carried = is_kind(stage, "carried")
        settings = rescoring(self._settings) if carried else self._settings
        plan = self._plan(stage, settings)
        if budget:
            plan = plan.model_copy(update={"budget": None, "tokens": None})
        state = StageState(stage, tasks, plan, settings, budget, self._claims)
        own = initial_prompts(tasks)
        library = seeds(tasks) if self._settings.seed_prompts else []
        transferred = [*await self._fitting(promoted, tasks, stage), *experienced]
        population = list(population) or distinct([*own, *library])
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
        if reason := self._reason_to_halt(stage):
            state.halt(reason)
            for candidate in distinct([*(one.candidate for one in promoted), *population]):
                state.standings.add(candidate)
            # Promoted prompts were tried in the source stage, the others never.
            state.standings.set_best(next((one.candidate.id for one in promoted), None))
        self._search = StageSearch(settings, state, self._scheduler, self._seed, waiting)
        await self.tell(await self._search.run(population, transferred))
        self._search = None
        self._claims = state.claims
        if budget is None:
            self._spent += state.spent
        return state

    def _plan(self, stage: Stage, settings: SearchSettings) -> StageSettings:
        """Return the settings of a stage, with its share of the evaluations if there is a limit for all."""
        plan = settings.plan(stage)
        if settings.evaluations is None or plan.budget is not None or is_kind(stage, "carried"):
            return plan
        if is_kind(stage, "source"):
            share = source_share(self._labels) * settings.evaluations
        else:
            left = len(self._targets) - len(self._reached)
            share = (settings.evaluations - self._spent.evaluations) / left
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

    async def _conclude(self, target: Task, last: StageState, spent: Spent) -> RunFinished:
        """Search on without the sources if a control is wanted, then compare the finalists of a target.

        `last` is the stage that has found the best prompt, and `spent` what that has cost.
        """
        ranked = last.standings.ranked()
        # An initial prompt of a source task is no initial prompt of the target.
        own = {candidate.id for candidate in initial_prompts([target])}
        initial = next(standing.candidate for standing in ranked if standing.candidate.id in own)
        finalists = {"best": ranked[0].candidate, "initial": initial}
        if self._settings.control and not self._reason_to_halt(last.stage):
            last = await self._stage(self._named("control", target), [target], budget=spent)
            finalists["control"] = last.standings.ranked()[0].candidate
        scores = await final_scores(finalists.values(), target, last, self._scheduler)
        weights = self._settings.objective_weights
        verdict = conclude(finalists, scores, weights, self._seed, metric_title(target))
        if len(self._targets) > 1:
            await self.tell(TargetFinished(stage=last.stage, verdict=verdict))
        else:
            await self.tell(verdict)
        return verdict
