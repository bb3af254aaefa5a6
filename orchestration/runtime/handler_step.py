"""One agent handling one event, stepped by hand from one model reply to the next.

Stepping the coroutine, instead of leaving it to the event loop, makes every interleaving a function of the
log alone, and reveals immediately when a handler waits for something that is not journalled.
"""

from asyncio import CancelledError
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from typing import Any

from ...agents.messages import CallRequested, Message
from ...agents.roles.base import Answer, Ask
from ...storage.errors import TransferPromptingError
from ...storage.event import Draft, Event
from .drafts import message_draft

CURRENT: ContextVar["HandlerStep"] = ContextVar("handler_step")
"""The step in whose handler the code is running."""


class NotJournalled(TransferPromptingError, RuntimeError):
    """A handler awaited something that the log does not record."""


class HandlerStep:
    """The handling of `event` by `agent`: the messages it has published, and the calls it waits for."""

    def __init__(self, event: Event, agent: str) -> None:
        self.event = event
        self.agent = agent
        self.outbox: list[Draft] = []
        self.calls: list[str] = []
        self.done = False
        self.result: Any = None
        self._published = 0
        self._ask: Ask | None = None
        self._places: dict[str, int] = {}
        """Call -> its place among the requests."""
        self._answers: dict[str, Any] = {}
        """Call -> what the handler gets for its answer."""
        self._coroutine: Coroutine[Any, Any, Any] | None = None
        self._context = copy_context()

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> Ask | None:
        """Run the handler up to its first question; return the question, or None when it is done."""
        self._coroutine = coroutine
        self._context.run(CURRENT.set, self)
        return self._advance(None)

    def publish(self, message: Message, recipients: tuple[str, ...]) -> Draft:
        """Put a message into the outbox. Its id derives from the event, the agent and its position."""
        draft = message_draft(
            self.event.run,
            self.agent,
            self._published,
            message,
            cause=self.event.id,
            recipients=recipients,
        )
        self._published += 1
        self.outbox.append(draft)
        return draft

    def request(self, ask: Ask, keys: list[str]) -> None:
        """Publish the requests of `ask`, whose keys are `keys`, and wait for all their outcomes."""
        self.calls = [
            self.publish(
                CallRequested(model=ask.model, key=key, request=request, about=about), (f"model/{ask.model}",)
            ).id
            for key, (about, request) in zip(keys, ask.requests, strict=True)
        ]
        self._places = {call: place for place, call in enumerate(self.calls)}
        self._ask, self._answers = ask, {}

    def receive(self, call: str, answer: Answer) -> Ask | None:
        """Note the outcome of one call; after the last one, run the handler up to its next question."""
        assert self._ask is not None
        self._answers[call] = self._run(self._ask.taken, self._places[call], answer)
        if len(self._answers) < len(self.calls):
            return None
        # A step and its context refer to each other, so it lives until the next garbage collection.
        # Replies may be long.
        answers, self._answers = self._answers, {}
        return self._advance([answers[c] for c in self.calls])

    def take_outbox(self) -> list[Draft]:
        """Return the messages published since the last call, and empty the outbox."""
        drafts, self.outbox = self.outbox, []
        return drafts

    def _advance(self, value: list[Any] | None) -> Ask | None:
        assert self._coroutine is not None
        try:
            awaited = self._run(self._coroutine.send, value)
        except StopIteration as stop:
            self.done, self.result = True, stop.value
            return None
        if not isinstance(awaited, Ask):
            self._coroutine.close()
            raise NotJournalled(
                f"{self.agent} awaited {type(awaited).__name__} while handling {self.event.kind}. A handler "
                "may await only self.ask and self.tell: nothing else is in the log, so it cannot be replayed."
            )
        return awaited

    def _run(self, part: Callable[..., Any], *arguments: object) -> Any:
        """Call a part of the handler in its context."""
        try:
            return self._context.run(part, *arguments)
        except (CancelledError, GeneratorExit, SystemExit) as error:
            # Let through, it would end the whole program, and the log would not say why.
            raise RuntimeError(f"{type(error).__name__} instead of a result or an error") from error
