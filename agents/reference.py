"""The reference agent: proposes new prompts from the task, the scored history and some exemplars."""

from collections.abc import Sequence

from autogen_core import MessageContext, message_handler

from ..prompts.candidate import Candidate, make_candidate
from ..prompts.proposals import Unparsed
from .bandit import Bandit
from .drafting import Draft, again, draft_step
from .informed import Informed
from .messages import (
    CallFailed,
    CandidateRejected,
    ProposalsMade,
    ProposalsRequested,
    RaceFinished,
    ReplyUnparsed,
    StageStarted,
)
from .models.base import ChatMessage, ModelReply, ModelRequest
from .operators.material import gather
from .settings import SearchSettings


class Reference(Informed):
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

    @message_handler
    async def on_stage(self, message: StageStarted, ctx: MessageContext) -> None:
        """Learn with which prompts the stage begins; a control must know nothing of the stages before it."""
        if message.stage == "control":
            self._known, self._bandit = set(), Bandit(self._settings.operators)
        self._known.update(candidate.id for candidate in message.population)

    @message_handler
    async def on_rejected(self, message: CandidateRejected, ctx: MessageContext) -> None:
        """Remember the prompt, and that making it did not pay."""
        self._known.add(message.candidate.id)
        self._bandit.credit(message.candidate.operator, 0.0)

    @message_handler
    async def on_race(self, message: RaceFinished, ctx: MessageContext) -> None:
        """Learn which operators have paid."""
        self._bandit.hear(message)

    @message_handler
    async def on_request(self, message: ProposalsRequested, ctx: MessageContext) -> None:
        """Answer with as many new prompts as can be had, at most as many as asked for."""
        self._known.update(entry.candidate for entry in message.history)
        random = self.random(self._seed, message.stage, message.step)
        drafts = draft_step(gather(message, self._tasks), message.count, self._bandit, self._known, random)
        drafted = [d for d in drafts if isinstance(d, Draft)]
        written, failed, replies = await self._write(message, drafted)
        candidates = [
            self._settled(d, written) if isinstance(d, Draft) else d
            for d in drafts
            if not (isinstance(d, Draft) and d.number in failed)
        ]
        await self.tell(
            ProposalsMade(
                stage=message.stage,
                step=message.step,
                candidates=tuple(candidate for candidate in candidates if candidate is not None),
                prompt_tokens=sum(reply.prompt_tokens for reply in replies),
                completion_tokens=sum(reply.completion_tokens for reply in replies),
                failed=len(failed),
            )
        )

    async def _write(
        self, message: ProposalsRequested, drafts: Sequence[Draft]
    ) -> tuple[dict[int, str], set[int], list[ModelReply]]:
        """What the model wrote for the drafts, by number, whose call failed, and all of its replies.

        A reply without a prompt is asked for once more.
        """
        written: dict[int, str] = {}
        every: list[ModelReply] = []
        failed: set[int] = set()
        for asked_again in (True, False):
            answers = await self.ask([self._request(message, draft) for draft in drafts])
            unread: list[Draft] = []
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

    def _settled(self, draft: Draft, written: dict[int, str]) -> Candidate | None:
        """The candidate of a draft, or None where nothing was written or nothing new: that has not paid."""
        name, parents = draft.operator.name, tuple(parent.id for parent in draft.question.parents)
        text = written.get(draft.number)
        candidate = None if text is None else make_candidate(text, name, parents)
        if candidate is None or candidate.id in self._known:
            self._bandit.credit(name, 0.0)
            return None
        self._known.add(candidate.id)
        return candidate

    def _request(self, message: ProposalsRequested, draft: Draft) -> tuple[str, ModelRequest]:
        request = ModelRequest(
            messages=(ChatMessage(role="user", content=draft.question.text),),
            max_tokens=self._settings.proposal_tokens,
            temperature=self._settings.temperature,
            seed=self.random(self._seed, message.stage, message.step, draft.number).getrandbits(31),
            sample=draft.number,
        )
        about = f"{message.stage} step {message.step}, proposal {draft.number + 1} ({draft.operator.name})"
        return about, request
