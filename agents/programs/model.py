"""Programs as a model: a request is an example and the texts of a candidate, the reply is the output."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ...prompts.program import ProgramSettings
from ...prompts.shortening import shorten
from ..models.base import ModelError, ModelReply, ModelRequest
from ..models.own_code import FailureRecord, line_of, printable
from ..models.probe import PROBE
from .base import AskFailed, Program
from .execution import Overdue, Send, execute
from .failure import ProgramFailed
from .loop import ProgramLoop
from .request import Executed, executed_reply, read_request

_LONGEST_ERROR = 600


@dataclass(frozen=True, slots=True)
class LoadedProgram:
    """A program with the digest of its code, which is part of the model's identity."""

    program: Program | Callable[..., Any]
    digest: str
    settings: ProgramSettings


class ProgramModel:
    """Runs the programs of a run's tasks, by the name of the task.

    A program that raises, hangs or returns no output fails on that example, which is then excluded. The run
    goes on, unless the program fails from the beginning on every example.
    """

    scores_options = False
    rates_options = False

    def __init__(self, programs: Mapping[str, LoadedProgram], asked: Mapping[str, str]) -> None:
        """Take the programs by task; `asked` are the identities of the models that they may ask, by role."""
        self._programs = dict(programs)
        self._asked = dict(asked)
        self._loop = ProgramLoop()
        self._record = FailureRecord()

    @property
    def identity(self) -> str:
        """Names of the tasks, each with the digest of its program, and a digest of what they may ask.

        Another program is another model, and so is the same one that asks other models.
        """
        named = (f"{task}@{one.digest}" for task, one in sorted(self._programs.items()))
        most = {task: one.settings.calls for task, one in self._programs.items()}
        rest = json.dumps([self._asked, most], sort_keys=True)
        return f"programs:{','.join(named)};asking@{sha256(rest.encode()).hexdigest()[:16]}"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Answer a probe. Raise `ModelError` for anything else: a program needs a way to ask."""
        if request == PROBE:
            return executed_reply(Executed("", (), 0, 0, 0))
        raise ModelError("not_supported", "A program is run by `execute`, which can ask models.")

    async def execute(self, request: ModelRequest, send: Send) -> ModelReply:
        """Run the program on the example of a request; its calls go through `send`.

        Raises `ModelError` if there is no output.
        """
        asked = read_request(request)
        loaded = self._programs.get(asked.task)
        if loaded is None:
            raise ModelError("not_supported", f"The run has no program for the task {asked.task}.")
        settings = loaded.settings
        try:
            executed = await execute(
                loaded.program,
                asked,
                send,
                self._loop,
                seconds=settings.timeout,
                most_calls=settings.calls,
            )
            reply = executed_reply(executed)
        except AskFailed as error:
            raise ModelError(
                error.cause, f"A call of the program failed on example {asked.example!r}: {error}"
            ) from error
        except Overdue as error:
            said = str(error)
            if await self._loop.abandon_if_blocked():
                said += (
                    ", and a program blocks the event loop: write the program without async, or have "
                    "asyncio.to_thread do what takes long"
                )
            raise self._failure(asked.task, asked.example, said) from error
        except Exception as error:
            own = isinstance(error, ProgramFailed)  # It says what failed; its line is one of this package.
            said = str(error) if own else f"{type(error).__name__}: {error}{line_of(error)}"
            raise self._failure(asked.task, asked.example, said) from error
        self._record.succeeded[asked.task] += 1
        return reply

    async def close(self) -> None:
        """Stop the event loop of the programs."""
        await self._loop.close()

    def _failure(self, task: str, example: str, error: str) -> ModelError:
        said = shorten(printable(error), _LONGEST_ERROR).removesuffix(".")
        return self._record.failure(
            task, f"The program of task {task} failed on example {example!r}: {said}.", "examples"
        )
