"""Which agent of a team is speaking, and what its tools return."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any

from autogen_agentchat.base import ChatAgent
from autogen_agentchat.messages import (
    BaseAgentEvent,
    CodeExecutionEvent,
    MemoryQueryEvent,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
)
from autogen_core import CancellationToken

Note = Callable[[str, str], None]
_speaker: ContextVar[str] = ContextVar("speaker", default="")


def speaker() -> str:
    """Return the name of the agent for which the caller works, or ""."""
    return _speaker.get()


def follow(agent: ChatAgent, note: Note) -> None:
    """Have an agent say that it speaks while it does, and note what its tools return before it goes on."""
    speak: Any = agent.on_messages_stream
    notes = _ToolNotes(agent.name, note)

    async def on_messages_stream(
        messages: Sequence[Any], cancellation_token: CancellationToken
    ) -> AsyncGenerator[Any, None]:
        async with aclosing(speak(messages, cancellation_token)) as stream:
            while True:
                before = _speaker.get()
                _speaker.set(agent.name)
                try:
                    event = await anext(stream, None)
                finally:
                    _speaker.set(before)
                if event is None:
                    return
                notes.take(event)
                yield event

    # An attribute of this one agent, whose class stays as it is.
    setattr(agent, "on_messages_stream", on_messages_stream)  # noqa: B010 - mypy forbids the assignment


class _ToolNotes:
    def __init__(self, agent: str, note: Note) -> None:
        self._agent = agent
        self._note = note
        self._arguments: dict[str, str] = {}

    def take(self, event: Any) -> None:
        """Note the results of tools, of code and of memory. An agent that is a tool notes its own."""
        if not isinstance(event, BaseAgentEvent) or event.source != self._agent:
            return
        match event:
            case ToolCallRequestEvent():
                self._arguments |= {call.id: call.arguments for call in event.content}
            case ToolCallExecutionEvent():
                for result in event.content:
                    arguments = self._arguments.pop(result.call_id, "")
                    self._note(result.name, f"{arguments}\n{result.content}".strip())
            case CodeExecutionEvent() | MemoryQueryEvent():
                self._note(event.type, event.to_text())
