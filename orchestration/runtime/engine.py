"""The one loop body that a live run, a resumed run and a replay share: hear an event, know what must follow.

Events come in log order. What an agent said must be exactly what its handler says when it is run on the
events before, byte for byte, or in today's shape where it was written in an older one; what came from
outside (the user, the runtime, a model) is taken as it stands.
"""

import traceback
from collections import deque
from dataclasses import dataclass, field

from autogen_core import AgentId

from ...agents.messages import (
    CallFailed,
    CallFinished,
    CallRequested,
    Message,
    ReviewGiven,
    ReviewRequested,
    RunStarted,
)
from ...agents.messages.codec import decode, encode
from ...agents.roles.base import Answer, Ask
from ...storage.event import Draft, Event
from ..calls.dispatcher import Call, call_key
from ..errors import ReplayDivergence
from .agent_runtime import AgentHost
from .handler_step import HandlerStep

_OUTSIDE = ("user", "runtime", "model/")


class HandlerError(Exception):
    """A handler raised; carries what `HandlerFailed` says about it."""

    def __init__(self, agent: str, event: Event, error: Exception) -> None:
        what = f"{agent} raised {type(error).__name__} while handling {event.kind}: {_words(error)}"
        super().__init__(_printable(what))
        self.agent, self.event = agent, event
        self.trace = _printable("".join(traceback.format_exception(error)))


def _words(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever the error's own code does
        return "(an error that cannot be printed)"


def _printable(text: str) -> str:
    """The text without lone surrogates, which no log can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


@dataclass
class Progress:
    """What has been heard so far, as far as the runtime itself must know."""

    finished: bool = False
    failures: int = 0
    resumptions: int = 0
    pending: dict[str, Call] = field(default_factory=dict)
    """Calls without a reply, by id, in the order of the log."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """How many failed outcomes a pending call has had."""
    exhausted: bool = False
    """Whether the budget has ended."""
    reviews: list[tuple[str, str]] = field(default_factory=list)
    """Reviews that were asked for and not given: reviewer and candidate."""

    def note_review(self, message: Message) -> None:
        """Take in that a review was asked for, or given."""
        match message:
            case ReviewRequested():
                self.reviews.append((message.reviewer, message.candidate.id))
            case ReviewGiven() if (message.reviewer, message.candidate) in self.reviews:
                self.reviews.remove((message.reviewer, message.candidate))

    @property
    def silent(self) -> str:
        """Who has left a review unanswered, in words; empty where nobody has."""
        return "; ".join(f"{who} has not said what it thinks of {what}" for who, what in self.reviews)


class RunEngine:
    """Feeds events to the agents of `host` and checks what they derive."""

    def __init__(self, host: AgentHost) -> None:
        self.host = host
        self.expected: deque[Draft] = deque()
        self.progress = Progress()
        self._asking: dict[str, HandlerStep] = {}
        self._derived: dict[str, Call] = {}
        self._identities: dict[str, str] = {}

    async def hear(self, event: Event) -> list[Draft]:
        """Take the next event of the log; returns what the agents say to it.

        Raises `ReplayDivergence` where the log says something else than the agents, `HandlerError`
        where a handler raises.
        """
        if not event.sender.startswith(_OUTSIDE):
            self._check(event)
        if (answer := _answer(event)) is not None:
            drafts = self._reply(event, answer)
        else:
            self._note(event)
            drafts = [draft for agent in _agents(event) for draft in await self._turn(event, agent)]
        self.expected.extend(drafts)
        return drafts

    def requester(self, call: str) -> str:
        """The agent that waits for the reply to `call`."""
        return self._asking[call].agent

    def _check(self, event: Event) -> None:
        if not self.expected:
            raise ReplayDivergence(event.seq, "nothing", f"{event.kind} from {event.sender}")
        draft = self.expected.popleft()
        if not event.same_as(draft) and not self._lifted(event, draft).same_as(draft):
            raise ReplayDivergence(event.seq, _describe(draft), _describe(event))

    def _lifted(self, event: Event, draft: Draft) -> Event:
        """The event as today's version would have written it, where it is of an older shape than `draft`."""
        if event.schema >= draft.schema or (event.kind, event.id) != (draft.kind, draft.id):
            return event
        message = decode(event)
        if isinstance(message, CallRequested):
            # Its key is a digest of the request in the shape of its day: it follows from the rest.
            message = message.model_copy(update={"key": self._derived[draft.id].key})
        return event._replace(schema=draft.schema, data=encode(message))

    def _note(self, event: Event) -> None:
        progress = self.progress
        match event.kind:
            case "call.requested":
                progress.pending[event.id] = self._derived.pop(event.id)
            case "call.failed":
                assert event.cause is not None
                progress.outcomes[event.cause] = progress.outcomes.get(event.cause, 0) + 1
            case "budget.exhausted":
                progress.exhausted = True
            case "run.started":
                message = decode(event)
                assert isinstance(message, RunStarted)
                self._identities = dict(message.models)
            case "review.requested" | "review.given":
                progress.note_review(decode(event))
            case "run.finished":
                progress.finished = True
            case "run.failed" | "handler.failed":
                progress.failures += 1
            case "run.resumed":
                progress.resumptions += 1

    def _reply(self, event: Event, answer: Answer) -> list[Draft]:
        assert event.cause is not None
        self.progress.pending.pop(event.cause, None)
        turn = self._asking.pop(event.cause, None)
        if turn is None:
            raise ReplayDivergence(event.seq, "no such call", f"the outcome of call {event.cause}")
        try:
            return self._settle(turn, turn.receive(event.cause, answer))
        except Exception as error:
            raise HandlerError(turn.agent, turn.event, error) from error

    async def _turn(self, event: Event, agent: str) -> list[Draft]:
        turn = HandlerStep(event, agent)
        try:
            listener = await self.host.speak_to(AgentId.from_str(agent))
            return self._settle(turn, turn.start(listener.hear(decode(event), event.id)))
        except Exception as error:
            raise HandlerError(agent, event, error) from error

    def _settle(self, turn: HandlerStep, ask: Ask | None) -> list[Draft]:
        if ask is not None:
            if ask.model not in self._identities:
                raise LookupError(f"no model is configured for role {ask.model!r}: add [models.{ask.model}]")
            identity = self._identities[ask.model]
            keys = [call_key(identity, request) for _, request in ask.requests]
            turn.expect(ask, keys)
            for id_, key, (_, request) in zip(turn.calls, keys, ask.requests, strict=True):
                self._asking[id_] = turn
                self._derived[id_] = Call(id_, ask.model, key, request)
        return turn.take()


def _answer(event: Event) -> Answer | None:
    """What an event brings to whoever waits for a call: a reply, or a failure that is final."""
    if event.kind not in ("call.finished", "call.failed"):
        return None
    message = decode(event)
    if isinstance(message, CallFinished):
        return message.reply
    assert isinstance(message, CallFailed)
    return message if message.final else None


def _agents(event: Event) -> tuple[str, ...]:
    return tuple(r for r in event.recipients if not r.startswith("model/"))


def _describe(said: Draft | Event) -> str:
    return f"{said.kind} from {said.sender} ({said.data[:200].decode(errors='replace')})"
