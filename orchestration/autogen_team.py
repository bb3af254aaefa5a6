"""A run as an AgentChat team: `async for message in team.run_stream(task=...)`."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from autogen_agentchat.base import TaskResult, Team
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, TextMessage
from autogen_core import CancellationToken
from pydantic import BaseModel

from .api import Run, Told

Task = str | BaseChatMessage | Sequence[BaseChatMessage] | None


class RunTeam(Team):
    """The roles of a run, seen from AutoGen code; each of their messages is a `TextMessage` in words.

    The job is the run's; a `task` that is given is only repeated at the head of the messages. A cancelled run
    is in the log, and the next `run_stream()` goes on with it.
    """

    component_config_schema = BaseModel

    def __init__(self, run: Run, name: str = "transfer_prompting") -> None:
        self._run = run
        self._name = name

    @property
    def name(self) -> str:
        """Of the team among others."""
        return self._name

    @property
    def description(self) -> str:
        """For an orchestrator."""
        return f"Finds the best prompt for {self._run.config.target.task}."

    async def run(
        self,
        *,
        task: Task = None,
        cancellation_token: CancellationToken | None = None,
        output_task_messages: bool = True,
    ) -> TaskResult:
        """Run to the end; the last message is the best prompt, the reason to stop is the verdict."""
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
        """Yield what the roles say, then the best prompt, then the result.

        Raises `asyncio.CancelledError` once the token is cancelled, as AgentChat's own teams do.
        """
        said: list[BaseAgentEvent | BaseChatMessage] = []
        if output_task_messages:
            said += _given(task)
        for message in said:
            yield message
        events = self._run.events()
        try:
            while (told := await _next(events, cancellation_token)) is not None:
                said.append(_in_words(told))
                yield said[-1]
        finally:
            await events.aclose()  # type: ignore[attr-defined]
        result = self._run.result
        assert result is not None
        said.append(TextMessage(source=self._name, content=result.best))
        yield said[-1]
        yield TaskResult(messages=said, stop_reason=result.verdict)

    async def reset(self) -> None:
        """The next `run_stream` begins a new run."""
        self._run.forget()

    async def pause(self) -> None:
        """Not offered: cancel the token, and run again to go on."""
        raise NotImplementedError("A run is paused by its CancellationToken; run it again to go on.")

    async def resume(self) -> None:
        """Not offered, as above."""
        raise NotImplementedError("A run that was cancelled goes on with the next run_stream().")

    async def save_state(self) -> Mapping[str, Any]:
        """The name of the run: everything else is in the log."""
        return {"run": self._run.name}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on with the run of that name."""
        self._run.name = str(state["run"])


async def _next(events: Any, token: CancellationToken | None) -> Told | None:
    """The next message; None at the end. Raises CancelledError where the token is cancelled first."""
    step = asyncio.ensure_future(anext(events, None))
    if token is not None:
        token.link_future(step)
    told: Told | None = await step
    return told


def _in_words(told: Told) -> TextMessage:
    event = told.event
    return TextMessage(
        source=event.sender.partition("/")[0],
        content=told.message.gist(),
        metadata={"run": event.run, "seq": str(event.seq), "kind": event.kind},
    )


def _given(task: Task) -> list[BaseChatMessage]:
    if task is None:
        return []
    if isinstance(task, str):
        return [TextMessage(source="user", content=task)]
    return [task] if isinstance(task, BaseChatMessage) else list(task)
