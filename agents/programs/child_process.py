"""A child process that speaks in lines, and is killed with all that it has started."""

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from ...prompts.shortening import shorten
from .failure import ProgramFailed
from .wire import LIMIT, to_json

_MOST_BYTES = 10 * LIMIT
"""Most bytes that one process may write to its stdout."""
_TAIL = 1000
"""Bytes of stderr that an error quotes."""
_LONGEST_NAME = 120
"""Characters of the command that an error names."""
_GRACE = 5.0
"""Seconds in which a process must end after its last line, and after it was killed."""


class ChildProcess:
    """The process of a command, while it is entered. It leads a process group of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._stderr = b""
        self._read = 0

    async def __aenter__(self) -> Self:
        """Start the process. Raise `ProgramFailed` if that is impossible."""
        try:
            self._process: Process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=LIMIT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ProgramFailed(
                f"The command {self._shown} cannot be started: {error}. Install it, or correct `command`."
            ) from error
        self._exited = asyncio.ensure_future(self._process.wait())
        self._listening = asyncio.ensure_future(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE):
                    await self._process.wait()
        finally:
            self._exited.cancel()
            self._listening.cancel()
            # A process that has left the group may hold the pipes open.
            self._process._transport.close()  # type: ignore[attr-defined]

    def kill(self) -> None:
        """Kill the process group unless the process has ended."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def send(self, value: Any) -> None:
        """Write a line to stdin; do nothing if the process has closed it."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):
            self._process.stdin.write(to_json(value) + b"\n")
            await self._process.stdin.drain()

    async def line(self) -> bytes:
        """Return the next line of stdout. Raise `ProgramFailed` if there is none, or if it is too long."""
        assert self._process.stdout is not None
        reading = asyncio.ensure_future(self._process.stdout.readline())
        try:
            await asyncio.wait([reading, self._exited], return_when=asyncio.FIRST_COMPLETED)
            # What the process wrote before its end may still be on its way.
            await asyncio.wait([reading], timeout=_GRACE)
            data = reading.result() if reading.done() else b""
        except ValueError:
            raise await self.failure(f"it wrote a line of more than {LIMIT // 2**20} MiB") from None
        finally:
            reading.cancel()
        self._read += len(data)
        if self._read > _MOST_BYTES:
            raise await self.failure(f"it wrote more than {_MOST_BYTES // 2**20} MiB")
        if not data:
            raise await self.failure("it wrote no output", wait=True)
        return data

    async def end(self) -> None:
        """Close stdin, and kill a process that goes on. Raise `ProgramFailed` for a status other than 0."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait([self._exited], timeout=_GRACE)
        if self._process.returncode:
            raise await self.failure("it failed after its output")

    async def failure(self, what: str, *, wait: bool = False) -> ProgramFailed:
        """Return the error with the end of stderr; kill the process, if `wait` after some time to end."""
        if wait:
            await asyncio.wait([self._exited], timeout=_GRACE)
        status = self._process.returncode
        self.kill()
        await asyncio.wait([self._listening], timeout=_GRACE)
        ended = "" if status is None else f", and ended with status {status}"
        said = self._stderr.decode("utf-8", "replace").strip()
        quote = f" Its stderr ends: {said}" if said else " It wrote nothing to stderr."
        return ProgramFailed(f"The command {self._shown} failed: {what}{ended}.{quote}")

    @property
    def _shown(self) -> str:
        return shorten(shlex.join(self._command), _LONGEST_NAME)

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(2**16):
            self._stderr = (self._stderr + data)[-_TAIL:]
