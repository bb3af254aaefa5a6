"""A host that watches one of its agents and counts its messages."""

from collections.abc import Coroutine, Generator
from typing import Any

from autogen_core import AgentId, CancellationToken, TopicId

from ...agents.messages import Message
from ...agents.messages.codec import encode
from ...storage.errors import TransferPromptingError
from ..runtime.agent_runtime import AgentHost, Listener
from .purity import Endless, Purity

MOST_BYTES = 256 * 1024
"""Size limit of a message."""
MOST_MESSAGES = 200
"""Limit on the messages of the role in the dry run, which asks for about fifty answers."""


class Unbounded(TransferPromptingError, RuntimeError):
    """A role publishes too much."""


class WatchedHost(AgentHost):
    """A host that lets `purity` watch the agent `name` while it handles a message."""

    def __init__(self, name: str, purity: Purity) -> None:
        super().__init__()
        self._name = name
        self._purity = purity
        self._published = 0

    async def listener(self, agent_id: AgentId) -> Listener:
        """Return the listener of an agent, watched if the agent is."""
        listener = await super().listener(agent_id)
        return WatchedListener(listener, self._purity) if agent_id.type == self._name else listener

    async def publish_message(
        self,
        message: Any,
        topic_id: TopicId,
        *,
        sender: AgentId | None = None,
        cancellation_token: CancellationToken | None = None,
        message_id: str | None = None,
    ) -> None:
        """Publish a message. Raise `Unbounded` if it is too long or one too many."""
        if sender is not None and sender.type == self._name and isinstance(message, Message):
            self._published += 1
            size = len(encode(message))
            if size > MOST_BYTES:
                raise Unbounded(f"a {type(message).__name__} of {size} bytes; the limit is {MOST_BYTES}")
            if self._published > MOST_MESSAGES:
                raise Unbounded(f"more than {MOST_MESSAGES} messages: does the role answer itself?")
        await super().publish_message(message, topic_id, sender=sender)


class WatchedListener(Listener):
    """A listener whose handlers are watched at each step."""

    def __init__(self, inner: Listener, purity: Purity) -> None:
        self._inner = inner
        self._purity = purity

    def handle(self, message: Message, event_id: str) -> Any:
        """Return the coroutine of the handler for `message`, watched at each step."""
        return _Watched(self._inner.handle(message, event_id), self._purity)


class _Watched(Coroutine[Any, Any, Any]):
    def __init__(self, inner: Coroutine[Any, Any, Any], purity: Purity) -> None:
        self._inner = inner
        self._purity = purity

    def send(self, value: Any) -> Any:
        try:
            with self._purity.watching():
                return self._inner.send(value)
        except Endless:
            raise Endless("the handler did not end") from None

    def throw(self, *error: Any) -> Any:
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()
