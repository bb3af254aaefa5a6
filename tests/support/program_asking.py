"""Run a program on one row, with a function in place of the models."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest, ToolCall
from transfer_prompting.agents.programs.base import Program

Answer = Callable[[ModelRequest], Any]


def reply(text: str = "", *calls: tuple[str, str]) -> ModelReply:
    """Return a reply with this text and these calls of tools, each a name and its arguments."""
    made = tuple(ToolCall(id=f"call_{n}", name=name, arguments=a) for n, (name, a) in enumerate(calls))
    return ModelReply(
        text=text,
        finish="tool_calls" if made else "stop",
        prompt_tokens=11,
        completion_tokens=3,
        tool_calls=made,
    )


class Asked:
    """An `Ask` that `answer` answers; it keeps what it was asked and told."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.requests: list[ModelRequest] = []
        self.texts: list[Any] = []
        self.limits: list[int | None] = []
        self.steps: list[tuple[str, str]] = []
        self.noted: list[tuple[str, ...]] = []
        """Texts of each note."""

    async def __call__(
        self, role: str, messages: Any, *, text: Any = None, max_tokens: int | None = None, **options: Any
    ) -> ModelReply:
        turns = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        request = ModelRequest(
            messages=tuple(map(_turn, turns)), max_tokens=max_tokens or 64, **_given(options)
        )
        self.requests.append(request)
        self.texts.append(text)
        self.limits.append(max_tokens)
        answer = self._answer(request)
        answer = await answer if asyncio.iscoroutine(answer) else answer
        answer = reply(answer) if isinstance(answer, str) else answer
        self.steps.append((role, answer.text))
        return answer

    def note(self, what: str, content: str, *, text: str | Sequence[str] = ()) -> None:
        self.steps.append((what, content))
        self.noted.append((text,) if isinstance(text, str) else tuple(text))


async def run(program: Program, row: Mapping[str, Any], prompts: Mapping[str, str], asked: Asked) -> Any:
    """Return the output of a program for one row."""
    return await program.run(row, prompts, asked)


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for name, value in options.items()
    }


def _turn(turn: Any) -> ChatMessage:
    return turn if isinstance(turn, ChatMessage) else ChatMessage.model_validate(dict(turn))
