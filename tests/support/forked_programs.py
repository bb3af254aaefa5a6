"""Python programs in processes of their own that need not import the package first.

They are forked from a process that has imported it, which saves each program about a second. All the rest is
as after `python -c`: folder, environment, arguments, streams and exit status. Tests of the start itself, such
as of imports, of the hash seed or of closed streams, start an interpreter instead.
"""

import contextlib
import io
import multiprocessing
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.reduction import DupFd
from pathlib import Path
from subprocess import CompletedProcess
from types import TracebackType
from typing import Any, TextIO

TP = "from transfer_prompting.orchestration.cli import main; main()"
"""The command `tp`."""
# Tests that were started in the background ignore Ctrl-C.
_TAKE_TERMINAL = """\
import fcntl, os, signal, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
"""
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "transfer_prompting.orchestration.api",
        "transfer_prompting.orchestration.cli.app",
        "transfer_prompting.orchestration.cli.output",
        "transfer_prompting.agents.models.openai.model",
    ]
)


class _Streams:
    """Three open file descriptors, which reach the other process as copies."""

    def __init__(self, *descriptors: int) -> None:
        self.descriptors = descriptors

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, tuple(DupFd(descriptor) for descriptor in self.descriptors)


def _received(*copies: Any) -> _Streams:
    return _Streams(*(copy.detach() for copy in copies))


def _enter(
    code: str, arguments: tuple[str, ...], folder: str, environment: dict[str, str], streams: _Streams
) -> None:
    """Run `code` in this process as `python -c` does."""
    for number, descriptor in enumerate(streams.descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    encoding = environment.get("PYTHONIOENCODING") or "utf-8"
    sys.stdin = os.fdopen(0, encoding=encoding, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=encoding, closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding=encoding, errors="backslashreplace", closefd=False)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["-c", *arguments]
    sys.path.insert(0, "")
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})


class _Process:
    """A program that runs, with the parts of `subprocess.Popen` that tests use."""

    def __init__(
        self,
        code: str,
        arguments: Sequence[object],
        folder: Path | None,
        environment: Mapping[str, str] | None,
        streams: Sequence[int],
    ) -> None:
        """Start the program. Its standard streams are copies of the file descriptors in `streams`."""
        variables = dict(os.environ if environment is None else environment)
        place, words = str(folder or Path.cwd()), tuple(map(str, arguments))
        self._process = _CONTEXT.Process(
            target=_enter, args=(code, words, place, variables, _Streams(*streams))
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Process id."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal; None while the program runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal to the program unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the program at once."""
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; return the exit status."""
        self._process.join(timeout)
        assert self._process.exitcode is not None, f"the program did not end within {timeout} s"
        return self._process.exitcode


class Forked(_Process):
    """A program whose standard streams are pipes."""

    def __init__(
        self,
        code: str,
        *arguments: object,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        together: bool = False,
    ) -> None:
        """Start the program. With `together` its errors are written to its output."""
        (stdin, to_stdin), (from_stdout, stdout), (from_stderr, stderr) = os.pipe(), os.pipe(), os.pipe()
        if together:
            os.dup2(stdout, stderr)
        try:
            super().__init__(code, arguments, folder, environment, (stdin, stdout, stderr))
        finally:
            for descriptor in (stdin, stdout, stderr):
                os.close(descriptor)
        self.stdin: TextIO = os.fdopen(to_stdin, "w", encoding="utf-8")
        self.stdout: TextIO = os.fdopen(from_stdout, encoding="utf-8")
        self.stderr: TextIO = os.fdopen(from_stderr, encoding="utf-8")

    def communicate(self, given: str = "") -> tuple[str, str]:
        """Write `given` to standard input, close it, and return all output and all errors at the end."""
        errors = io.StringIO()
        reader = threading.Thread(target=lambda: errors.write(self.stderr.read()))
        reader.start()
        with contextlib.suppress(BrokenPipeError):
            self.stdin.write(given)
            self.stdin.close()
        out = self.stdout.read()
        reader.join()
        self.wait()
        return out, errors.getvalue()

    def __enter__(self) -> "Forked":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.wait()
        for stream in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()


class OnTerminal(_Process):
    """A program whose standard streams are a terminal, which controls it: Ctrl-C and new sizes reach it."""

    def __init__(
        self,
        code: str,
        *arguments: object,
        terminal: int,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the program on the terminal with the file descriptor `terminal`."""
        super().__init__(_TAKE_TERMINAL + code, arguments, folder, environment, (terminal,) * 3)


def run_forked(
    code: str,
    *arguments: object,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    given: str = "",
    together: bool = False,
) -> CompletedProcess[str]:
    """Run a program to its end; return its exit status, output and errors."""
    with Forked(code, *arguments, folder=folder, environment=environment, together=together) as program:
        out, errors = program.communicate(given)
        return CompletedProcess([str(one) for one in arguments], program.wait(), out, errors)
