"""The reference agent, which proposes new prompts from the task, the scored history and some exemplars."""

from collections import deque
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from autogen_core import MessageContext, message_handler

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.reading.proposals import Unparsed
from ..messages import (
    CallFailed,
    CandidateRejected,
    ExperienceApplied,
    GoldDoubted,
    MergeMade,
    MergeRequested,
    PromptPromoted,
    ProposalsMade,
    ProposalsRequested,
    RaceFinished,
    ReplyUnparsed,
    RunStarted,
    StageStarted,
)
from ..messages.base import plural
from ..models.base import ChatMessage, ModelReply, ModelRequest
from ..operators.lineage import Lineage
from ..operators.material import gather
from ..search.bandit import Bandit
from ..search.ordered_results import OrderedResults
from ..search.proposal_drafts import ProposalDraft, again, draft_step
from ..search.rule_merging import merge
from ..search.settings import PROPOSING, SearchSettings
from ..search.stage_steps import OPENING
from ..search.text_choice import TextChoice
from ..stage_names import is_kind, stage_target
from .briefing import briefing_for
from .task_role import TaskRole


@dataclass(slots=True)
class _Written:
    """What a model has written for the drafts of a step."""

    texts: dict[int, str] = field(default_factory=dict)
    """Number of a draft -> its new prompt."""
    failed: set[int] = field(default_factory=set)
    """Numbers of the drafts whose call failed."""
    replies: list[ModelReply] = field(default_factory=list)
    doubts: list[GoldDoubted] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Step:
    """A request with its drafts, and what a model has written for them, by number."""

    message: ProposalsRequested
    drafts: Sequence[Candidate | ProposalDraft]
    known: Container[str]
    """Ids of the prompts that were known when the step was drafted."""
    fruitless: list[str]
    """Operators whose drafts led to no new prompt; filled when the step is settled."""
    written: _Written


class Reference(TaskRole):
    """An agent that edits good prompts or has its model write new ones, most often in the ways that paid.

    It proposes no prompt twice in a run, and none that was rejected or that the history or the population of
    a stage holds.
    """

    name = "reference"
    says = (GoldDoubted, MergeMade, ProposalsMade, ReplyUnparsed)

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Proposes new prompts.", settings)
        self._known: set[str] = set()
        self._bandit = Bandit(settings.operators)
        self._texts: dict[tuple[str, ...], TextChoice] = {}
        """The choice among the texts of a prompt, by their names."""
        self._lineage = Lineage()
        self._made: set[str] = set()
        """Ids of the written prompts that were proposed."""
        self._fruitless: deque[list[str]] = deque()
        """The fruitless operators of each of the last steps, steps under way included."""
        self._requests = OrderedResults[_Step]()
        self._models: Mapping[str, str] = {}
        self._given: list[PromptPromoted | ExperienceApplied] = []
        """What the stage was given from elsewhere: rules that were left for its operators."""

    async def begin(self, message: RunStarted) -> None:
        """Keep the names of the models."""
        self._models = message.models

    @message_handler
    async def on_stage(self, message: StageStarted, ctx: MessageContext) -> None:
        """Note the prompts that begin the stage.

        A control knows nothing of the stages before it. The stage of one of several targets knows no prompt
        of the others, and only what was meant for it.
        """
        control = is_kind(message.stage, "control")
        if control or stage_target(message.stage):
            self._known, self._texts, self._lineage = set(), {}, Lineage()
            self._made, self._fruitless = set(), deque()
        if control:
            self._bandit = Bandit(self._settings.operators)
        self._given = [one for one in self._given if not control and one.into == message.stage]
        self._lineage.add(message.population)
        # What paid in an earlier stage is known, but whether the new one is stuck is not.
        self._bandit.idle = 0
        self._known.update(candidate.id for candidate in message.population)

    @message_handler
    async def on_promotion(self, message: PromptPromoted, ctx: MessageContext) -> None:
        """Keep the rules that were left for the operators of the target stage."""
        self._given.append(message)

    @message_handler
    async def on_experience(self, message: ExperienceApplied, ctx: MessageContext) -> None:
        """Keep the lessons of earlier runs that were left for the operators."""
        self._given.append(message)

    @message_handler
    async def on_rejected(self, message: CandidateRejected, ctx: MessageContext) -> None:
        """Note the prompt, and that its operator did not pay."""
        self._known.add(message.candidate.id)
        self._bandit.credit(message.candidate.operator, 0.0)

    @message_handler
    async def on_race(self, message: RaceFinished, ctx: MessageContext) -> None:
        """Note which operators and which texts have paid, and drop the lessons of a prompt that has lost.

        If a promoted prompt does not help, what paid in its stage is no guide either.
        """
        self._bandit.apply(message)
        lost = [one.candidate for one in message.results if one.candidate != message.winner]
        refuted = [one for one in self._given if _carried(one).id in lost]
        self._given = [one for one in self._given if one not in refuted]
        if message.step == OPENING and any(isinstance(one, PromptPromoted) for one in refuted):
            self._bandit, self._texts = Bandit(self._settings.operators), {}
        for texts in self._texts.values():
            texts.apply(message, self._lineage)

    @message_handler
    async def on_request(self, message: ProposalsRequested, ctx: MessageContext) -> None:
        """Answer with as many new prompts as the request asks for, or fewer."""
        self._known.update(entry.candidate for entry in message.history)
        self._learn_from_past()
        fruitless: list[str] = []
        self._fruitless.append(fruitless)
        place = self._requests.begin()
        random = self.random(self._seed, message.stage, message.step)
        tasks = [self._tasks[name] for name in message.tasks]
        briefing = briefing_for(self._settings, tasks, self._models)
        lessons = tuple(lesson for one in self._given for lesson in one.left)
        material = gather(message, self._tasks, briefing, self._lineage, lessons)
        texts = self._texts.setdefault(material.texts, TextChoice(material.texts))
        drafts = draft_step(material, message.count, self._bandit, self._known, random, texts)
        known = frozenset(self._known)
        written = await self._write(message, [draft for draft in drafts if isinstance(draft, ProposalDraft)])
        for step in self._requests.end(place, _Step(message, drafts, known, fruitless, written)):
            await self._tell_step(step)

    @message_handler
    async def on_merge(self, message: MergeRequested, ctx: MessageContext) -> None:
        """Word a prompt and its rules as one instruction."""
        task = self._tasks[message.task]
        briefing = briefing_for(self._settings, [task], self._models)

        async def ask(question: str, attempt: int) -> ModelReply | CallFailed:
            seed = self.random(self._seed, message.into, "merge", attempt)
            about = f"{message.into} stage, merging {plural(len(message.rules), 'rule')}"
            [reply] = await self.ask([(about, self._asked(question, seed, attempt))])
            return reply

        await self.tell(await merge(message, task, briefing, ask))

    def _learn_from_past(self) -> None:
        """Credit the fruitless operators of the steps that are certainly settled.

        The last steps may be settled or not: whether a reply or the next request comes first must not matter.
        """
        while len(self._fruitless) >= PROPOSING:
            for name in self._fruitless.popleft():
                self._bandit.credit(name, 0.0)

    async def _tell_step(self, step: _Step) -> None:
        written = step.written
        for doubt in written.doubts:
            await self.tell(doubt)
        candidates = [
            self._settled(draft, step) if isinstance(draft, ProposalDraft) else draft
            for draft in step.drafts
            if not (isinstance(draft, ProposalDraft) and draft.number in written.failed)
        ]
        made = tuple(candidate for candidate in candidates if candidate is not None)
        self._lineage.add(made)
        await self.tell(
            ProposalsMade(
                stage=step.message.stage,
                step=step.message.step,
                candidates=made,
                prompt_tokens=sum(reply.prompt_tokens for reply in written.replies),
                completion_tokens=sum(reply.completion_tokens for reply in written.replies),
                failed=len(written.failed),
            )
        )

    def _settled(self, draft: ProposalDraft, step: _Step) -> Candidate | None:
        """Return the candidate of a draft, or None if no new prompt was written."""
        name, parents = draft.operator.name, tuple(parent.id for parent in draft.question.parents)
        text = step.written.texts.get(draft.number)
        candidate = None if text is None else make_candidate(text, name, parents)
        if candidate is None or candidate.id in step.known or candidate.id in self._made:
            step.fruitless.append(name)
            return None
        self._made.add(candidate.id)
        return candidate

    async def _write(self, message: ProposalsRequested, drafts: Sequence[ProposalDraft]) -> _Written:
        """Have the model write the drafts. A draft whose reply holds no prompt is asked for once more."""
        written = _Written()
        for asked_again in (True, False):
            answers = await self.ask([self._request(message, draft) for draft in drafts])
            unreadable: list[ProposalDraft] = []
            for draft, reply in zip(drafts, answers, strict=True):
                if isinstance(reply, CallFailed):
                    written.failed.add(draft.number)
                    continue
                written.replies.append(reply)
                written.doubts += _doubts(message, draft, reply.text)
                try:
                    written.texts[draft.number] = draft.operator.read(reply.text, draft.question)
                except Unparsed as error:
                    unreadable.append(again(draft, str(error)))
                    await self._tell_unparsed(message, reply.text, str(error), asked_again)
            drafts = unreadable
        return written

    async def _tell_unparsed(
        self, message: ProposalsRequested, reply: str, reason: str, asked_again: bool
    ) -> None:
        await self.tell(
            ReplyUnparsed(
                stage=message.stage, step=message.step, reply=reply, reason=reason, asked_again=asked_again
            )
        )

    def _request(self, message: ProposalsRequested, draft: ProposalDraft) -> tuple[str, ModelRequest]:
        about = f"{message.stage} step {message.step}, proposal {draft.number + 1} ({draft.operator.name})"
        seed = self.random(self._seed, message.stage, message.step, draft.number)
        return about, self._asked(draft.question.text, seed, draft.number)

    def _asked(self, question: str, seed: Random, sample: int) -> ModelRequest:
        return ModelRequest(
            messages=(ChatMessage(role="user", content=question),),
            max_tokens=self._settings.most_proposal_tokens,
            temperature=self._settings.temperature,
            seed=seed.getrandbits(31),
            sample=sample,
        )


def _carried(given: PromptPromoted | ExperienceApplied) -> Candidate:
    """Return the prompt that was transferred with the lessons."""
    return given.as_candidate if isinstance(given, PromptPromoted) else given.candidate


def _doubts(message: ProposalsRequested, draft: ProposalDraft, reply: str) -> list[GoldDoubted]:
    """Return what a reply doubts about the right answers of the examples that it was shown."""
    return [
        GoldDoubted(
            stage=message.stage,
            step=message.step,
            task=task,
            example=example.id,
            gold=example.answer,
            suggested=doubt.suggested,
            reason=doubt.reason,
            operator=draft.operator.name,
        )
        for task, example, doubt in draft.operator.doubts(reply, draft.question)
    ]
