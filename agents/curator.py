"""The curator agent: keeps the history, opens and closes stages, promotes prompts, gives the verdict."""

from collections.abc import Sequence

from autogen_core import MessageContext, message_handler

from ..prompts.candidate import Candidate
from ..prompts.task import Example, Split, Task
from .admission import distinct, reason_to_reject
from .conclusion import conclude
from .informed import Informed
from .judging import Judging
from .messages import (
    BudgetExhausted,
    CandidateRejected,
    CandidateStopped,
    JudgementRequested,
    PromptJudged,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    Purpose,
    RaceFinished,
    ReviewGiven,
    ReviewRequested,
    RunFinished,
    RunStarted,
    ScoringRequested,
    Spent,
    Stage,
    StageFinished,
    StageStarted,
    TaskLoaded,
)
from .population import initial_prompts, seeds
from .promotion import promotions
from .race import Place, Race, course
from .reviews import Review, Reviews
from .settings import SearchSettings
from .stage_state import StageState
from .takeover import broken, challenger, grounds, leader, promising, refusal


class Curator(Informed):
    """Leads the run: source stage, promotion, target stage, control, comparison on held-out data."""

    name = "curator"
    says = (
        CandidateRejected,
        CandidateStopped,
        JudgementRequested,
        PromptPromoted,
        ProposalsRequested,
        RaceFinished,
        ReviewRequested,
        RunFinished,
        ScoringRequested,
        StageFinished,
        StageStarted,
    )

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Keeps the history and promotes prompts.", settings)
        self._limits = settings.limits
        self._judging = Judging(settings.judge)
        self._reviews = Reviews(settings.reviewers)
        self._reviewed: dict[str, Review] = {}
        self._by_stage: dict[Stage, list[Task]] = {"source": [], "target": [], "control": []}
        self._claims = 0
        self._spent = Spent()
        self._unscored: set[tuple[str, str]] = set()
        self._excluded: set[Place] = set()
        self._halted: str | None = None
        self._finalists: dict[str, Candidate] = {}
        self._final: dict[str, PromptScored] = {}

    async def begin(self, message: RunStarted) -> None:
        """Learn which tasks will come."""
        self._awaited = {*message.source_tasks, message.target_task}

    async def learn(self, message: TaskLoaded) -> None:
        """Take a task in; with the last one the first stage opens."""
        self._by_stage[message.stage].append(message.task)
        self._awaited.discard(message.task.name)
        if not self._awaited:
            self._by_stage["control"] = self._by_stage["target"]
            await self._open("source" if self._by_stage["source"] else "target", [])

    @message_handler
    async def on_budget(self, message: BudgetExhausted, ctx: MessageContext) -> None:
        """Ask no more: what is under way ends, and the best so far goes to the verdict."""
        self._halted = self._state.halted = f"the budget of {message.budget:,.10g} {message.limit} has ended"

    @message_handler
    async def on_proposals(self, message: ProposalsMade, ctx: MessageContext) -> None:
        """Admit what is new and sound, say why the rest is not, and race the admitted."""
        state = self._state
        state.proposal_tokens += message.prompt_tokens + message.completion_tokens
        sound: list[Candidate] = []
        for candidate in message.candidates:
            reason = reason_to_reject(candidate, state.standings, state.tasks, sound)
            if reason is None:
                sound.append(candidate)
            else:
                await self._reject(candidate, reason)
        await self._admit(sound)

    @message_handler
    async def on_review(self, message: ReviewGiven, ctx: MessageContext) -> None:
        """Have the next reviewer asked; with the last word on all of them, go on with what is left."""
        if review := self._reviews.take(message):
            await self._ask_reviewer(review)
        elif (reviews := self._reviews.finished()) is None:
            return
        elif self._reviews.moment == "promotion":
            self._reviewed |= {review.original.id: review for review in reviews}
            for review in reviews:
                if review.veto is not None:
                    await self._reject(review.original, review.veto)
            await self._promote()
        else:
            await self._take_in(reviews)

    @message_handler
    async def on_scored(self, message: PromptScored, ctx: MessageContext) -> None:
        """Enter a score; once the round has all of its scores, decide how to go on."""
        if message.purpose == "final":
            self._final[message.candidate] = message
            if self._final.keys() == {candidate.id for candidate in self._finalists.values()}:
                await self.tell(conclude(self._finalists, self._final, self._settings.weights, self._seed))
            return
        self._state.standings.record(message)
        self._excluded.update((message.task, example) for example in message.excluded)
        self._unscored.discard((message.candidate, message.task))
        if not self._unscored:
            await self._end_round()

    @message_handler
    async def on_judged(self, message: PromptJudged, ctx: MessageContext) -> None:
        """Enter a judgement; once both sides of the race are judged, it is decided."""
        if self._judging.take(self._state, message):
            await self._end_race()

    async def _open(self, stage: Stage, promoted: Sequence[Candidate]) -> None:
        tasks = self._by_stage[stage]
        plan = self._settings.source if stage == "source" else self._settings.target
        budget = self._spent if stage == "control" else None
        if budget:
            plan = plan.model_copy(update={"budget": None, "tokens": None})
        self._state = StageState(stage, tasks, plan, self._settings.weights, self._settings.thrift, budget)
        self._state.halted = self._halted
        library = seeds() if self._settings.seed_prompts else []
        population = distinct([*initial_prompts(tasks), *library, *promoted])
        await self.tell(
            StageStarted(
                stage=stage,
                tasks=tuple(task.name for task in tasks),
                steps=plan.steps,
                population=tuple(population),
                budget=budget,
            )
        )
        if self._halted:
            for candidate in population:
                self._state.standings.add(candidate)
            # What was promoted has proven more than what nobody has tried.
            self._state.standings.best = next((c.id for c in promoted), None)
            await self._close(self._halted)
            return
        await self._admit(population)

    async def _reject(self, candidate: Candidate, reason: str) -> None:
        state = self._state
        await self.tell(
            CandidateRejected(stage=state.stage, step=state.step, candidate=candidate, reason=reason)
        )

    async def _admit(self, candidates: Sequence[Candidate]) -> None:
        """Race the candidates that pass the reviewers, if there are any."""
        asked = self._reviews.begin("admission", candidates)
        for review in asked:
            await self._ask_reviewer(review)
        if not asked:
            await self._take_in(self._reviews.finished() or [])

    async def _take_in(self, reviews: Sequence[Review]) -> None:
        """Race what the reviewers have let through."""
        state = self._state
        admitted: list[Candidate] = []
        for review in reviews:
            reason = review.veto
            if review.current is not review.original and reason is None:
                reason = reason_to_reject(review.current, state.standings, state.tasks, admitted)
            if reason is None:
                admitted.append(review.current)
                state.standings.add(review.current)
            else:
                await self._reject(review.original, reason)
        await self._start_race(admitted)

    async def _ask_reviewer(self, review: Review) -> None:
        state, promoting = self._state, self._reviews.moment == "promotion"
        ranked = {s.candidate.id: s for s in state.standings.ranked()} if promoting else {}
        carried = (review.original.id, *review.original.parents)
        await self.tell(
            ReviewRequested(
                stage=state.stage,
                step=state.step,
                moment=self._reviews.moment,
                reviewer=review.left[0],
                candidate=review.current,
                tasks=tuple(task.name for task in (self._by_stage["target"] if promoting else state.tasks)),
                standing=next((ranked[id_] for id_ in carried if id_ in ranked), None),
            )
        )

    async def _start_race(self, candidates: Sequence[Candidate]) -> None:
        state = self._state
        if not candidates or state.halted:
            await self._end_step()
            return
        best = state.standings.best
        answered = state.standings.answered(best) if best else ()
        order = course(state.tasks, self.random(self._seed, state.stage, state.step, "race"), answered)
        order = [place for place in order if place not in state.excluded]
        rule = self._settings.race_rule(first=best is None)
        # Without races every candidate answers every example.
        self._race = Race(
            order[: state.course(len(candidates))] if rule else order, [c.id for c in candidates], best, rule
        )
        await self._ask_block()

    async def _ask_block(self) -> None:
        state, race = self._state, self._race
        block = race.next_block()
        for id_ in (*race.field, race.incumbent):
            if id_ is None:
                continue
            new = [place for place in block if place not in state.standings.answered(id_)]
            state.evaluations += len(new)
            for task in state.tasks:
                if examples := tuple(example for name, example in new if name == task.name):
                    self._unscored.add((id_, task.name))
                    await self._score(state.standings[id_], task, "search", "dev", examples)
        if not self._unscored:
            await self._end_round()

    async def _score(
        self, candidate: Candidate, task: Task, purpose: Purpose, split: Split, examples: tuple[str, ...]
    ) -> None:
        await self.tell(
            ScoringRequested(
                stage=self._state.stage,
                step=self._state.step,
                purpose=purpose,
                candidate=candidate,
                task=task.name,
                split=split,
                examples=examples,
            )
        )

    async def _end_round(self) -> None:
        state, race = self._state, self._race
        if state.halted:
            race.break_off(state.standings.best or state.standings.ranked()[0].candidate.id)
            await self._end_race()
            return
        if self._excluded:
            state.leave_out(self._excluded, race)
            self._excluded = set()
        spared = promising(race, state.standings, self._limits)
        for id_, reason in race.judge(state.standings.utilities, spared).items():
            await self.tell(
                CandidateStopped(
                    stage=state.stage,
                    step=state.step,
                    candidate=id_,
                    seen=race.stopped[id_],
                    total=race.total,
                    reason=reason,
                )
            )
        if not race.over:
            await self._ask_block()
            return
        race.winner = leader(race, state.standings, self._limits)
        requests = self._judging.requests(state, race)
        for request in requests:
            await self.tell(request)
        if not requests:
            await self._end_race()

    async def _end_race(self) -> None:
        state, race = self._state, self._race
        refused = refusal(race, state.standings, self._limits, self._settings.weights)
        if refused is not None:
            race.winner = None
        kept = grounds(race, state.standings, self._limits, self._settings.weights)
        results, self._claims = state.finish(race, self._claims)
        await self.tell(
            RaceFinished(
                stage=state.stage,
                step=state.step,
                against=race.incumbent,
                results=results,
                winner=race.winner,
                saved=race.saved,
                refused=refused,
                kept=kept,
            )
        )
        if state.closing is None:
            await self._end_step()
        else:
            await self._close(state.closing)

    async def _end_step(self) -> None:
        state = self._state
        state.end_step()
        if state.wants_restart and (fresh := [c for c in seeds() if c.id not in state.standings]):
            state.restart()
            await self._admit(fresh)
        elif reason := state.reason_to_close:
            await self._check_best(reason)
        else:
            state.step += 1
            await self._request_proposals()

    async def _check_best(self, reason: str) -> None:
        """Have the best prompt stand beside the best initial one on every example before the stage ends.

        It may have won its place on a few. Where it breaks a constraint, one that keeps it runs along.
        """
        state = self._state
        rival, other = state.rival, challenger(state.standings, self._limits)
        runners = [id_ for id_ in (state.standings.best, other) if id_ not in (None, rival)]
        if state.halted or rival is None or not runners or not self._settings.racing:
            await self._close(reason)
            return
        state.closing = reason
        order = course(state.tasks, self.random(self._seed, state.stage, "last race"))
        order = [place for place in order if place not in state.excluded]
        self._race = Race(order, runners, rival, None)
        await self._ask_block()

    async def _request_proposals(self) -> None:
        state = self._state
        await self.tell(
            ProposalsRequested(
                stage=state.stage,
                step=state.step,
                count=state.plan.candidates,
                tasks=tuple(task.name for task in state.tasks),
                history=state.standings.history(
                    self._settings.history, self.random(self._seed, state.stage, state.step, "failures")
                ),
                exemplars=self._exemplars(),
            )
        )

    def _exemplars(self) -> tuple[Example, ...]:
        pool = [example for task in self._state.tasks for example in task.train]
        random = self.random(self._seed, self._state.stage, self._state.step)
        return tuple(random.sample(pool, min(self._settings.exemplars, len(pool))))

    async def _close(self, reason: str) -> None:
        state = self._state
        self._spent += state.spent
        ranked = state.standings.ranked()
        await self.tell(
            StageFinished(
                stage=state.stage,
                steps=state.step,
                best=ranked[0],
                front=state.standings.front(),
                scored=len(ranked),
                evaluations=state.evaluations,
                spent=state.spent,
                saved=state.saved,
                reason=reason,
            )
        )
        if state.stage == "source":
            await self._promote()
            return
        if state.stage == "target":
            # The target's own: one that a source task began with is a find of the source stage.
            own = {candidate.id for candidate in initial_prompts(state.tasks)}
            initial = next(s.candidate for s in ranked if s.candidate.id in own)
            self._finalists = {"best": ranked[0].candidate, "initial": initial}
        else:
            self._finalists["control"] = ranked[0].candidate
        if state.stage == "target" and self._settings.control and not self._halted:
            await self._open("control", [])
        else:
            await self._compare()

    async def _promote(self) -> None:
        state = self._state
        ranked = state.standings.ranked()
        # Any order will do, as long as it is a fixed one.
        order = course(state.tasks, self.random(self._seed, "promotion"))
        utilities = {s.candidate.id: state.standings.utilities(s.candidate.id, order) for s in ranked}
        faults = {id_: broken(id_, state.standings, self._limits) for id_ in utilities}
        vetoed = {id_ for id_, review in self._reviewed.items() if review.outcome is None}
        chosen = promotions(ranked, utilities, self._settings.promote, faults, vetoed)
        unknown = [p.candidate for p in chosen if p.candidate.id not in self._reviewed]
        if asked := self._reviews.begin("promotion", unknown):
            for review in asked:
                await self._ask_reviewer(review)
            return
        for rank, promotion in enumerate(chosen, 1):
            await self.tell(promotion.told(rank, len(ranked), self._goes_over(promotion.candidate)))
        await self._open("target", [self._goes_over(promotion.candidate) for promotion in chosen])

    def _goes_over(self, candidate: Candidate) -> Candidate:
        """What the reviewers have made of a prompt that is promoted."""
        review = self._reviewed.get(candidate.id)
        return review.current if review else candidate

    async def _compare(self) -> None:
        """Have the finalists scored on examples that no choice has seen."""
        [task] = self._by_stage["target"]
        examples = tuple(example.id for example in task.test)
        for candidate in distinct(list(self._finalists.values())):
            await self._score(candidate, task, "final", "test", examples)
