"""Applies events to the agents: the loop body that live runs, resumed runs and replays share.

Events are applied in log order. A message of an agent must equal, byte for byte, what its handler publishes
when it is run on the preceding events; a message in an older schema is lifted first. Messages from outside
(the user, the runtime, a model) are taken as they are.
"""

import traceback
from collections import deque
from dataclasses import dataclass, field

from autogen_core import AgentId

from ...agents.messages import (
    BudgetExhausted,
    CallFailed,
    CallFinished,
    CallRequested,
    Message,
    ReviewGiven,
    ReviewRequested,
    RunResumed,
    RunStarted,
)
from ...agents.messages.codec import decode, encode
from ...agents.models.own_code import printable
from ...agents.roles.base import Answer, Ask
from ...storage.event import Draft, Event
from ..calls.dispatcher import call_key
from ..calls.outcomes import Call
from ..errors import ReplayDivergence
from .agent_runtime import AgentHost
from .handler_step import HandlerStep

_OUTSIDE = ("user", "runtime", "model/")
_SHOWN = 200
"""Number of bytes of a payload that a message about a difference shows."""


class HandlerError(Exception):
    """An exception of a handler, with the facts for `HandlerFailed`."""

    def __init__(self, agent: str, event: Event, error: Exception) -> None:
        summary = f"{agent} raised {type(error).__name__} while handling {event.kind}: {_text(error)}"
        super().__init__(printable(summary))
        self.agent, self.event = agent, event
        self.trace = printable("".join(traceback.format_exception(error)))


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the error's own code may raise anything
        return "(an error that cannot be printed)"


@dataclass
class Progress:
    """The facts about the events so far that the runtime itself needs."""

    finished: bool = False
    failures: int = 0
    resumptions: int = 0
    pending: dict[str, Call] = field(default_factory=dict)
    """Calls without a reply, by id, in the order of the log."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """Number of failed outcomes of each pending call."""
    exhausted: set[str] = field(default_factory=set)
    """Stages of the targets whose share of the budget has ended; "" if the whole budget has."""
    reviews: list[tuple[str, str]] = field(default_factory=list)
    """Reviews that were requested and not given: reviewer and candidate."""

    def apply_review(self, message: Message) -> None:
        """Note that a review was requested or given."""
        match message:
            case ReviewRequested():
                self.reviews.append((message.reviewer, message.candidate.id))
            case ReviewGiven() if (message.reviewer, message.candidate) in self.reviews:
                self.reviews.remove((message.reviewer, message.candidate))

    @property
    def missing_reviews(self) -> str:
        """The reviewers that have not answered, as text; empty if none."""
        return "; ".join(f"{reviewer} has not reviewed {candidate}" for reviewer, candidate in self.reviews)


class RunEngine:
    """Applies events to the agents of `host` and checks the messages that they publish."""

    def __init__(self, host: AgentHost) -> None:
        self.host = host
        self.expected: deque[Draft] = deque()
        """Messages that agents have published and that the log must hold next."""
        self.progress = Progress()
        self._waiting: dict[str, HandlerStep] = {}
        self._requested: dict[str, Call] = {}
        self._inner: set[str] = set()
        """Calls that programs have made, and that no handler waits for."""
        self._identities: dict[str, str] = {}
        self._wrote = ""
        """Version of the package that wrote the log so far; "" if the log does not say."""

    async def apply(self, event: Event) -> list[Draft]:
        """Apply the next event of the log; return the messages that the agents publish in reply.

        Raises:
            ReplayDivergence: The log does not hold the message that an agent published.
            HandlerError: A handler raised.
        """
        if not event.sender.startswith(_OUTSIDE):
            self._check(event)
        if (answer := _answer(event)) is not None:
            drafts = self._resume_handler(event, answer)
        else:
            self._update_progress(event)
            drafts = [draft for agent in _agents(event) for draft in await self._run_handler(event, agent)]
        self.expected.extend(drafts)
        return drafts

    def requester(self, call: str) -> str | None:
        """Return the agent that waits for the reply to `call`; None if a program has made the call."""
        step = self._waiting.get(call)
        return step.agent if step else None

    def _check(self, event: Event) -> None:
        if not self.expected:
            raise ReplayDivergence(event.seq, "nothing", f"{event.kind} from {event.sender}", self._wrote)
        draft = self.expected.popleft()
        if not event.same_as(draft) and not self._lifted(event, draft).same_as(draft):
            at = _first_difference(draft.data, event.data)
            raise ReplayDivergence(event.seq, _describe(draft, at), _describe(event, at), self._wrote)

    def _lifted(self, event: Event, draft: Draft) -> Event:
        """Return an event with an older schema than `draft` as this version would have written it."""
        if event.schema >= draft.schema or (event.kind, event.id) != (draft.kind, draft.id):
            return event
        message = decode(event)
        if isinstance(message, CallRequested):
            # The key is a digest of the request in its old shape, so it follows from the rest.
            message = message.model_copy(update={"key": self._requested[draft.id].key})
        return event._replace(schema=draft.schema, data=encode(message))

    def _update_progress(self, event: Event) -> None:
        progress = self.progress
        match event.kind:
            case "call.requested":
                requested = self._requested
                known = requested.pop(event.id) if event.id in requested else self._inner_call(event)
                progress.pending[event.id] = known
            case "call.failed":
                assert event.cause is not None
                progress.outcomes[event.cause] = progress.outcomes.get(event.cause, 0) + 1
            case "budget.exhausted":
                message = decode(event)
                assert isinstance(message, BudgetExhausted)
                progress.exhausted.add(message.stage or "")
            case "run.started":
                message = decode(event)
                assert isinstance(message, RunStarted)
                self._identities = dict(message.models)
                self._note_version(message)
            case "review.requested" | "review.given":
                progress.apply_review(decode(event))
            case "run.finished" | "targets.finished":
                progress.finished = True
            case "run.failed" | "handler.failed":
                progress.failures += 1
            case "run.resumed":
                progress.resumptions += 1
                self._note_version(decode(event))

    def _inner_call(self, event: Event) -> Call:
        """Return the call of a program: it comes from outside, and the program waits for its outcome."""
        message = decode(event)
        assert isinstance(message, CallRequested)
        self._inner.add(event.id)
        return Call(event.id, message.model, message.key, message.request)

    def _note_version(self, message: Message) -> None:
        if isinstance(message, RunStarted | RunResumed):
            self._wrote = message.versions.get("transfer-prompting", self._wrote)

    async def _run_handler(self, event: Event, agent: str) -> list[Draft]:
        step = HandlerStep(event, agent)
        try:
            listener = await self.host.listener(AgentId.from_str(agent))
            return self._finish_step(step, step.start(listener.handle(decode(event), event.id)))
        except Exception as error:
            raise HandlerError(agent, event, error) from error

    def _resume_handler(self, event: Event, answer: Answer) -> list[Draft]:
        assert event.cause is not None
        self.progress.pending.pop(event.cause, None)
        step = self._waiting.pop(event.cause, None)
        if step is None and event.cause in self._inner:
            self._inner.remove(event.cause)
            return []
        if step is None:
            got = f"the outcome of call {event.cause}"
            raise ReplayDivergence(event.seq, "no such call", got, self._wrote)
        try:
            return self._finish_step(step, step.receive(event.cause, answer))
        except Exception as error:
            raise HandlerError(step.agent, step.event, error) from error

    def _finish_step(self, step: HandlerStep, ask: Ask | None) -> list[Draft]:
        """Publish the requests of `ask`, if any; return all that the handler has published."""
        if ask is not None:
            if ask.model not in self._identities:
                raise LookupError(f"no model is configured for role {ask.model!r}: add [models.{ask.model}]")
            identity = self._identities[ask.model]
            keys = [call_key(identity, request) for _, request in ask.requests]
            step.request(ask, keys)
            for id_, key, (_, request) in zip(step.calls, keys, ask.requests, strict=True):
                self._waiting[id_] = step
                self._requested[id_] = Call(id_, ask.model, key, request)
        return step.take_outbox()


def _answer(event: Event) -> Answer | None:
    """Return the final outcome of a call that an event holds, if any: a reply or a failure."""
    if event.kind not in ("call.finished", "call.failed"):
        return None
    message = decode(event)
    if isinstance(message, CallFinished):
        return message.reply
    assert isinstance(message, CallFailed)
    return message if message.final else None


def _agents(event: Event) -> tuple[str, ...]:
    return tuple(r for r in event.recipients if not r.startswith("model/"))


def _first_difference(one: bytes, other: bytes) -> int:
    """Return the number of bytes that both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)


def _describe(message: Draft | Event, at: int) -> str:
    """Return the kind, the sender and the part of the payload around the byte `at`."""
    start = max(0, at - _SHOWN // 2) if len(message.data) > _SHOWN else 0
    part = message.data[start : start + _SHOWN].decode(errors="replace")
    return f"{message.kind} from {message.sender} ({'...' if start else ''}{part})"
