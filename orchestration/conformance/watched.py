"""A host that has one of its agents watched, and counts what it says."""

from collections.abc import Coroutine, Generator
from typing import Any

from autogen_core import AgentId, CancellationToken, TopicId

from ...agents.messages import Message
from ...agents.messages.codec import encode
from ...storage.errors import TransferPromptingError
from ..runtime.agent_runtime import AgentHost, Listener
from .purity import Endless, Purity

MOST_BYTES = 256 * 1024
"""Of a message."""
MOST_MESSAGES = 200
"""Of the role in the dry run, which asks for about fifty answers."""


class Unbounded(TransferPromptingError, RuntimeError):
    """A role says too much."""


class WatchedHost(AgentHost):
    """As any host; the agent called `name` is watched by `purity` while it handles something."""

    def __init__(self, name: str, purity: Purity) -> None:
        super().__init__()
        self._name = name
        self._purity = purity
        self._said = 0

    async def speak_to(self, agent_id: AgentId) -> Listener:
        """The watched agent's listener is watched, too."""
        listener = await super().speak_to(agent_id)
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
        """Raises `Unbounded` for what is too long, or one too many."""
        if sender is not None and sender.type == self._name and isinstance(message, Message):
            self._said += 1
            size = len(encode(message))
            if size > MOST_BYTES:
                raise Unbounded(f"a {type(message).__name__} of {size} bytes; at most {MOST_BYTES} are sound")
            if self._said > MOST_MESSAGES:
                raise Unbounded(f"more than {MOST_MESSAGES} messages: does it answer itself?")
        await super().publish_message(message, topic_id, sender=sender)


class WatchedListener(Listener):
    """An agent whose handler is watched at each step."""

    def __init__(self, inner: Listener, purity: Purity) -> None:
        self._inner = inner
        self._purity = purity

    def hear(self, message: Message, event_id: str) -> Any:
        """The handler for `message`, as a coroutine that watches itself."""
        return _Watched(self._inner.hear(message, event_id), self._purity)


class _Watched(Coroutine[Any, Any, Any]):
    def __init__(self, inner: Coroutine[Any, Any, Any], purity: Purity) -> None:
        self._inner = inner
        self._purity = purity

    def send(self, value: Any) -> Any:
        try:
            with self._purity.watching():
                return self._inner.send(value)
        except Endless:
            raise Endless("the handler did not come to an end") from None

    def throw(self, *error: Any) -> Any:
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()
