"""The reference agent: proposes new prompts from the task, the scored history and some exemplars."""

from collections import deque
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass

from autogen_core import MessageContext, message_handler

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.reading.proposals import Unparsed
from ..messages import (
    CallFailed,
    CandidateRejected,
    ProposalsMade,
    ProposalsRequested,
    RaceFinished,
    ReplyUnparsed,
    StageStarted,
)
from ..models.base import ChatMessage, ModelReply, ModelRequest
from ..operators.material import gather
from ..search.bandit import Bandit
from ..search.ordered_results import OrderedResults
from ..search.proposal_drafts import ProposalDraft, again, draft_step
from ..search.settings import PROPOSING, SearchSettings
from .task_role import TaskRole


@dataclass(frozen=True, slots=True)
class _Step:
    """A request, its drafts, and what a model has written of them, by number."""

    message: ProposalsRequested
    drafts: Sequence[Candidate | ProposalDraft]
    known: Container[str]
    """The prompts that were known when the step was drafted."""
    fruitless: list[str]
    """The operators whose drafts came to nothing, or to nothing new: to be filled."""
    written: Mapping[int, str]
    failed: Collection[int]
    replies: Sequence[ModelReply]


class Reference(TaskRole):
    """Edits good prompts or has its model write new ones, as often each way as it has paid so far.

    The same prompt is never proposed twice in a run, nor one that the history or the population of a
    stage already holds, nor one that was rejected.
    """

    name = "reference"
    says = (ProposalsMade, ReplyUnparsed)

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Proposes new prompts.", settings)
        self._known: set[str] = set()
        self._bandit = Bandit(settings.operators)
        self._made: set[str] = set()
        """What the model has written, as far as it was told."""
        self._fruitless: deque[list[str]] = deque()
        """Of each of the last steps, those under way among them."""
        self._requests = OrderedResults[_Step]()

    @message_handler
    async def on_stage(self, message: StageStarted, ctx: MessageContext) -> None:
        """Learn with which prompts the stage begins; a control must know nothing of the stages before it."""
        if message.stage == "control":
            self._known, self._bandit = set(), Bandit(self._settings.operators)
            self._made, self._fruitless = set(), deque()
        self._known.update(candidate.id for candidate in message.population)

    @message_handler
    async def on_rejected(self, message: CandidateRejected, ctx: MessageContext) -> None:
        """Remember the prompt, and that making it did not pay."""
        self._known.add(message.candidate.id)
        self._bandit.credit(message.candidate.operator, 0.0)

    @message_handler
    async def on_race(self, message: RaceFinished, ctx: MessageContext) -> None:
        """Learn which operators have paid."""
        self._bandit.apply(message)

    @message_handler
    async def on_request(self, message: ProposalsRequested, ctx: MessageContext) -> None:
        """Answer with as many new prompts as can be had, at most as many as asked for."""
        self._known.update(entry.candidate for entry in message.history)
        self._learn_from_past()
        fruitless: list[str] = []
        self._fruitless.append(fruitless)
        place = self._requests.begin()
        random = self.random(self._seed, message.stage, message.step)
        drafts = draft_step(gather(message, self._tasks), message.count, self._bandit, self._known, random)
        known = frozenset(self._known)
        written = await self._write(message, [draft for draft in drafts if isinstance(draft, ProposalDraft)])
        for step in self._requests.end(place, _Step(message, drafts, known, fruitless, *written)):
            await self._tell_step(step)

    def _learn_from_past(self) -> None:
        """Take in what came of the steps that are surely written.

        The last ones may be or not: which comes first, a reply or the next request, must not matter.
        """
        while len(self._fruitless) >= PROPOSING:
            for name in self._fruitless.popleft():
                self._bandit.credit(name, 0.0)

    async def _tell_step(self, step: _Step) -> None:
        candidates = [
            self._settled(draft, step) if isinstance(draft, ProposalDraft) else draft
            for draft in step.drafts
            if not (isinstance(draft, ProposalDraft) and draft.number in step.failed)
        ]
        await self.tell(
            ProposalsMade(
                stage=step.message.stage,
                step=step.message.step,
                candidates=tuple(candidate for candidate in candidates if candidate is not None),
                prompt_tokens=sum(reply.prompt_tokens for reply in step.replies),
                completion_tokens=sum(reply.completion_tokens for reply in step.replies),
                failed=len(step.failed),
            )
        )

    def _settled(self, draft: ProposalDraft, step: _Step) -> Candidate | None:
        """The candidate of a draft, or None where nothing was written or nothing new."""
        name, parents = draft.operator.name, tuple(parent.id for parent in draft.question.parents)
        text = step.written.get(draft.number)
        candidate = None if text is None else make_candidate(text, name, parents)
        if candidate is None or candidate.id in step.known or candidate.id in self._made:
            step.fruitless.append(name)
            return None
        self._made.add(candidate.id)
        return candidate

    async def _write(
        self, message: ProposalsRequested, drafts: Sequence[ProposalDraft]
    ) -> tuple[dict[int, str], set[int], list[ModelReply]]:
        """What the model wrote for the drafts, by number, whose call failed, and all of its replies.

        A reply without a prompt is asked for once more.
        """
        written: dict[int, str] = {}
        every: list[ModelReply] = []
        failed: set[int] = set()
        for asked_again in (True, False):
            answers = await self.ask([self._request(message, draft) for draft in drafts])
            unread: list[ProposalDraft] = []
            for one, reply in zip(drafts, answers, strict=True):
                if isinstance(reply, CallFailed):
                    failed.add(one.number)
                    continue
                every.append(reply)
                try:
                    written[one.number] = one.operator.read(reply.text, one.question)
                except Unparsed as why:
                    unread.append(again(one, str(why)))
                    await self._tell_unparsed(message, reply.text, str(why), asked_again)
            drafts = unread
        return written, failed, every

    async def _tell_unparsed(
        self, message: ProposalsRequested, reply: str, reason: str, asked_again: bool
    ) -> None:
        await self.tell(
            ReplyUnparsed(
                stage=message.stage, step=message.step, reply=reply, reason=reason, asked_again=asked_again
            )
        )

    def _request(self, message: ProposalsRequested, draft: ProposalDraft) -> tuple[str, ModelRequest]:
        request = ModelRequest(
            messages=(ChatMessage(role="user", content=draft.question.text),),
            max_tokens=self._settings.proposal_tokens,
            temperature=self._settings.temperature,
            seed=self.random(self._seed, message.stage, message.step, draft.number).getrandbits(31),
            sample=draft.number,
        )
        about = f"{message.stage} step {message.step}, proposal {draft.number + 1} ({draft.operator.name})"
        return about, request
