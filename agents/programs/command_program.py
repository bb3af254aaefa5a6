"""A program in any language: a command that speaks lines of JSON over stdin and stdout."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .base import Ask, AskFailed
from .child_process import ChildProcess
from .command_lines import AskLine, NoteLine, OutputLine, failure_line, read_line, reply_line
from .failure import ProgramFailed

_MOST_PENDING = 256
"""Questions that may wait for a reply at the same time."""


class CommandProgram:
    """Starts a process for each row, without a shell, in the environment of this process.

    The first line of its stdin holds the row and the texts. It may write questions and notes, and its last
    line is the output. `folder` is its working directory, by default that of this process.
    """

    def __init__(self, command: Sequence[str], folder: Path | None = None) -> None:
        self._command = tuple(command)
        self._folder = folder

    async def run(self, example: Mapping[str, Any], prompts: Mapping[str, str], ask: Ask) -> Any:
        """Return the output of a new process. Raise `ProgramFailed`, which quotes its stderr, without one.

        If this is cancelled, the process is killed with all processes that it has started.
        """
        async with ChildProcess(self._command, self._folder) as child:
            try:
                async with asyncio.TaskGroup() as tasks:
                    talk = _Conversation(child, ask, tasks)
                    tasks.create_task(child.send({"example": dict(example), "prompts": dict(prompts)}))
                    output = await talk.output()
                    talk.end()
                await child.end()
            except* ProgramFailed as failures:
                raise failures.exceptions[0] from None
            return output


class _Conversation:
    def __init__(self, child: ChildProcess, ask: Ask, tasks: asyncio.TaskGroup) -> None:
        self._child = child
        self._ask = ask
        self._tasks = tasks
        self._pending: set[asyncio.Task[None]] = set()

    async def output(self) -> Any:
        """Answer questions until the output comes, and return it."""
        while True:
            data = await self._child.line()
            try:
                line = read_line(data)
            except ValueError as error:
                raise await self._child.failure(str(error)) from None
            match line:
                case OutputLine():
                    return line.output
                case NoteLine():
                    self._ask.note(line.note.what, line.note.content)
                case AskLine() if len(self._pending) >= _MOST_PENDING:
                    raise await self._child.failure(
                        f"it asked {_MOST_PENDING + 1} questions at the same time; {_MOST_PENDING} may wait"
                    )
                case AskLine():
                    task = self._tasks.create_task(self._answer(line))
                    self._pending.add(task)
                    task.add_done_callback(self._pending.discard)

    def end(self) -> None:
        """Drop the questions to which the child has not waited for the reply."""
        for task in self._pending:
            task.cancel()

    async def _answer(self, line: AskLine) -> None:
        asked = line.ask
        try:
            reply = await self._ask(
                asked.role,
                asked.messages,
                text=asked.text,
                max_tokens=asked.max_tokens,
                temperature=asked.temperature,
                stop=asked.stop,
                json_schema=asked.schema_text,
                tools=[tool.as_tool() for tool in asked.tools],
                seed=asked.seed,
            )
        except AskFailed as error:
            await self._child.send(failure_line(line.id, error))
        else:
            await self._child.send(reply_line(line.id, reply))
