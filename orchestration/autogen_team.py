"""A run as a team of AgentChat: `async for message in team.run_stream(task=...)`."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from autogen_agentchat.base import TaskResult, Team
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, TextMessage
from autogen_core import CancellationToken
from pydantic import BaseModel

from .api import Run, RunMessage

Task = str | BaseChatMessage | Sequence[BaseChatMessage] | None


class RunTeam(Team):
    """The roles of a run as a team of AutoGen; each of their messages becomes a `TextMessage`.

    The run determines the job; a `task` is only repeated as the first message. A cancelled run stays in the
    log, and the next `run_stream()` continues it.
    """

    component_config_schema = BaseModel

    def __init__(self, run: Run, name: str = "transfer_prompting") -> None:
        self._run = run
        self._name = name

    @property
    def name(self) -> str:
        """Name of the team."""
        return self._name

    @property
    def description(self) -> str:
        """Description of the team for an orchestrator."""
        return f"Finds the best prompt for {', '.join(one.task for one in self._run.config.all_targets)}."

    async def run(
        self,
        *,
        task: Task = None,
        cancellation_token: CancellationToken | None = None,
        output_task_messages: bool = True,
    ) -> TaskResult:
        """Run to the end; the last message is the best prompt, and the stop reason is the verdict."""
        stream = self.run_stream(
            task=task, cancellation_token=cancellation_token, output_task_messages=output_task_messages
        )
        return [message async for message in stream if isinstance(message, TaskResult)][-1]

    async def run_stream(
        self,
        *,
        task: Task = None,
        cancellation_token: CancellationToken | None = None,
        output_task_messages: bool = True,
    ) -> AsyncGenerator[BaseAgentEvent | BaseChatMessage | TaskResult, None]:
        """Yield the messages of the roles, then the best prompt, then the result.

        Raises `asyncio.CancelledError` once the token is cancelled, as AgentChat's own teams do.
        """
        messages: list[BaseAgentEvent | BaseChatMessage] = []
        if output_task_messages:
            messages += _task_messages(task)
        for message in messages:
            yield message
        events = self._run.events()
        try:
            while (item := await _next(events, cancellation_token)) is not None:
                messages.append(_text_message(item))
                yield messages[-1]
        finally:
            await events.aclose()  # type: ignore[attr-defined]
        result = self._run.result
        assert result is not None
        messages.append(TextMessage(source=self._name, content=result.best))
        yield messages[-1]
        yield TaskResult(messages=messages, stop_reason=result.verdict)

    async def reset(self) -> None:
        """Forget the run, so that the next `run_stream()` starts a new one."""
        self._run.forget()

    async def pause(self) -> None:
        """Raise NotImplementedError: cancel the token instead, and run again to continue."""
        raise NotImplementedError("Pause a run with its CancellationToken; run it again to continue.")

    async def resume(self) -> None:
        """Raise NotImplementedError: the next `run_stream()` continues a cancelled run."""
        raise NotImplementedError("The next run_stream() continues a run that was cancelled.")

    async def save_state(self) -> Mapping[str, Any]:
        """Return the name of the run; everything else is in the log."""
        return {"run": self._run.name}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Select the run with the saved name, which the next `run_stream()` continues."""
        self._run.name = str(state["run"])


async def _next(events: Any, token: CancellationToken | None) -> RunMessage | None:
    """Return the next message, None at the end. Raise CancelledError if the token is cancelled first."""
    step = asyncio.ensure_future(anext(events, None))
    if token is not None:
        token.link_future(step)
    message: RunMessage | None = await step
    return message


def _text_message(item: RunMessage) -> TextMessage:
    event = item.event
    return TextMessage(
        source=event.sender.partition("/")[0],
        content=item.message.gist(),
        metadata={"run": event.run, "seq": str(event.seq), "kind": event.kind},
    )


def _task_messages(task: Task) -> list[BaseChatMessage]:
    if task is None:
        return []
    if isinstance(task, str):
        return [TextMessage(source="user", content=task)]
    return [task] if isinstance(task, BaseChatMessage) else list(task)
