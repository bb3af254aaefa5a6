"""The reference agent: proposes new prompts from the task, the scored history and some exemplars."""

from autogen_core import MessageContext, message_handler

from ..prompts.candidate import Candidate, make_candidate
from ..prompts.proposals import Unparsed, read_proposal
from ..prompts.render import render
from ..prompts.seeds import seed_library
from ..prompts.task import Task
from .edits import Material, Parent, propose
from .messages import ProposalsMade, ProposalsRequested, ReplyUnparsed, RunStarted, TaskLoaded
from .models.base import ChatMessage, ModelReply, ModelRequest
from .role import Role
from .settings import SearchSettings


class Reference(Role):
    """Asks its model for some of the prompts, one at a time as OPRO does, and edits good ones."""

    name = "reference"

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Proposes new prompts.")
        self._settings = settings
        self._seed = 0
        self._made: set[str] = set()
        self._tasks: dict[str, Task] = {}

    @message_handler
    async def on_start(self, message: RunStarted, ctx: MessageContext) -> None:
        """Learn the seed of the run."""
        self._seed = message.seed

    @message_handler
    async def on_task(self, message: TaskLoaded, ctx: MessageContext) -> None:
        """Keep the task, for its description and its training examples."""
        self._tasks[message.task.name] = message.task

    @message_handler
    async def on_request(self, message: ProposalsRequested, ctx: MessageContext) -> None:
        """Answer with as many new prompts as can be had, at most as many as asked for."""
        edited = round(message.count * self._settings.edits)
        known = self._made | {entry.candidate for entry in message.history}
        candidates = self._edit(message, edited, known)
        candidates += await self._write(message, message.count - edited)
        self._made.update(candidate.id for candidate in candidates)
        await self.tell(ProposalsMade(stage=message.stage, step=message.step, candidates=tuple(candidates)))

    def _edit(self, message: ProposalsRequested, count: int, known: set[str]) -> list[Candidate]:
        if not count or not message.history:
            return []
        material = Material(
            parents=[Parent(entry.candidate, entry.text) for entry in reversed(message.history)],
            clauses=seed_library().clauses,
            tasks=[self._tasks[name] for name in message.tasks],
        )
        return propose(material, count, known, self.random(self._seed, message.stage, message.step))

    async def _write(self, message: ProposalsRequested, count: int) -> list[Candidate]:
        replies = await self.ask([self._request(message, sample) for sample in range(count)])
        candidates: list[Candidate] = []
        for sample, reply in enumerate(replies):
            candidate = await self._read(message, sample, reply)
            if candidate is not None:
                candidates.append(candidate)
        return candidates

    async def _read(self, message: ProposalsRequested, sample: int, reply: ModelReply) -> Candidate | None:
        """The proposal in `reply`; where there is none, ask once more, saying why."""
        parents = tuple(entry.candidate for entry in message.history)
        for asked_again in (True, False):
            try:
                return make_candidate(read_proposal(reply.text), "history", parents)
            except Unparsed as why:
                await self.tell(
                    ReplyUnparsed(
                        stage=message.stage,
                        step=message.step,
                        reply=reply.text,
                        reason=str(why),
                        asked_again=asked_again,
                    )
                )
                if asked_again:
                    [reply] = await self.ask([self._request(message, sample, again=str(why))])
        return None

    def _request(self, message: ProposalsRequested, sample: int, again: str = "") -> tuple[str, ModelRequest]:
        text = render(
            "reference",
            descriptions=[self._tasks[name].description for name in message.tasks],
            history=message.history,
            exemplars=message.exemplars,
            again=again,
        )
        request = ModelRequest(
            messages=(ChatMessage(role="user", content=text),),
            max_tokens=self._settings.proposal_tokens,
            temperature=self._settings.temperature,
            seed=self.random(self._seed, message.stage, message.step, sample).getrandbits(31),
            sample=sample,
        )
        return f"{message.stage} step {message.step}, proposal {sample + 1}", request
