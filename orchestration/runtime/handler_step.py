"""One agent handling one event, stepped by hand from one model reply to the next.

Stepping the coroutine, rather than leaving it to the event loop, makes every interleaving a function of
the log alone, and shows at once when a handler waits for something that is not journalled.
"""

from asyncio import CancelledError
from collections.abc import Coroutine
from contextvars import ContextVar, copy_context
from typing import Any

from ...agents.messages import CallRequested, Message
from ...agents.messages.codec import encode
from ...agents.roles.base import Answer, Ask
from ...storage.errors import TransferPromptingError
from ...storage.event import Draft, Event, event_id

CURRENT: ContextVar["HandlerStep"] = ContextVar("turn")
"""The turn in whose handler the code is running."""


class NotJournalled(TransferPromptingError, RuntimeError):
    """A handler awaited something that the log knows nothing of."""


class HandlerStep:
    """The handling of `event` by `agent`: what it has said since the last flush, and what it waits for."""

    def __init__(self, event: Event, agent: str) -> None:
        self.event = event
        self.agent = agent
        self.outbox: list[Draft] = []
        self.calls: list[str] = []
        self.done = False
        self.result: Any = None
        self._said = 0
        self._answers: dict[str, Answer] = {}
        self._coroutine: Coroutine[Any, Any, Any] | None = None
        self._context = copy_context()

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> Ask | None:
        """Run the handler up to its first question; returns the question, or None when it is done."""
        self._coroutine = coroutine
        self._context.run(CURRENT.set, self)
        return self._step(None)

    def say(self, message: Message, recipients: tuple[str, ...]) -> Draft:
        """Put a message into the outbox. Its id depends on the event, the agent and its place in the turn."""
        draft = Draft(
            run=self.event.run,
            id=event_id(self.event.run, self.event.id, self.agent, self._said),
            kind=message.kind,
            schema=message.SCHEMA,
            sender=self.agent,
            recipients=recipients,
            cause=self.event.id,
            data=encode(message),
        )
        self._said += 1
        self.outbox.append(draft)
        return draft

    def expect(self, ask: Ask, keys: list[str]) -> None:
        """Journal the requests of `ask`, whose keys are `keys`, and wait for all their outcomes."""
        self.calls = [
            self.say(
                CallRequested(model=ask.model, key=key, request=request, about=about), (f"model/{ask.model}",)
            ).id
            for key, (about, request) in zip(keys, ask.requests, strict=True)
        ]
        self._answers = {}

    def receive(self, call: str, answer: Answer) -> Ask | None:
        """Take what became of one call; runs on when it was the last one missing."""
        self._answers[call] = answer
        if len(self._answers) < len(self.calls):
            return None
        return self._step([self._answers[c] for c in self.calls])

    def take(self) -> list[Draft]:
        """What was said since the last time."""
        said, self.outbox = self.outbox, []
        return said

    def _step(self, value: list[Answer] | None) -> Ask | None:
        assert self._coroutine is not None
        try:
            awaited = self._context.run(self._coroutine.send, value)
        except StopIteration as stop:
            self.done, self.result = True, stop.value
            return None
        except (CancelledError, GeneratorExit, SystemExit) as error:
            # Let through, it would end the whole program, and the log would not say why.
            raise RuntimeError(f"{type(error).__name__} instead of a result or an error") from error
        if not isinstance(awaited, Ask):
            self._coroutine.close()
            raise NotJournalled(
                f"{self.agent} awaited {type(awaited).__name__} while handling {self.event.kind}. A handler "
                "may await only self.ask and self.tell: what the log does not know cannot be replayed."
            )
        return awaited
