"""A program in any language: a command that speaks lines of JSON over stdin and stdout."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from .base import Ask, AskFailed
from .child_process import ChildProcess
from .command_lines import AskLine, Line, NoteLine, OutputLine, failure_line, read_line, reply_line

_MOST_PENDING = 256
"""Questions that may wait for a reply at the same time."""


class CommandProgram:
    """Starts a process for each row, without a shell, in the environment and the folder of this process.

    The first line of its stdin holds the row and the texts. It may write questions and notes, and its last
    line is the output.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    async def run(self, example: Mapping[str, Any], prompts: Mapping[str, str], ask: Ask) -> Any:
        """Return the output of a new process. Raise `ProgramFailed`, which quotes its stderr, without one.

        If this is cancelled, the process is killed with all processes that it has started.
        """
        async with ChildProcess(self._command) as child:
            try:
                async with asyncio.TaskGroup() as tasks:
                    output = await _Conversation(child, ask, tasks).hold(example, prompts)
            except ExceptionGroup as group:
                raise group.exceptions[0] from None
            await child.end()
            return output


class _Conversation:
    def __init__(self, child: ChildProcess, ask: Ask, tasks: asyncio.TaskGroup) -> None:
        self._child = child
        self._ask = ask
        self._tasks = tasks
        self._under_way: set[asyncio.Task[None]] = set()

    async def hold(self, example: Mapping[str, Any], prompts: Mapping[str, str]) -> Any:
        """Send the first line, answer questions until the output comes, and return it."""
        try:
            self._start(self._child.send({"example": dict(example), "prompts": dict(prompts)}))
            while not isinstance(line := await self._next(), OutputLine):
                if isinstance(line, NoteLine):
                    self._ask.note(line.note.what, line.note.content, text=line.note.text)
                else:
                    await self._take(line)
        except BaseException:
            self._child.kill()
            raise
        for task in self._under_way:
            task.cancel()
        return line.output

    async def _next(self) -> Line:
        data = await self._child.line()
        try:
            return read_line(data)
        except ValueError as error:
            raise await self._child.failure(str(error)) from None

    async def _take(self, line: AskLine) -> None:
        if len(self._under_way) >= _MOST_PENDING:
            raise await self._child.failure(f"more than {_MOST_PENDING} of its questions wait for a reply")
        self._start(self._answer(line))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

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
