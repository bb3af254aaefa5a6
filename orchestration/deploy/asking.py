"""Ways to ask for the answers to new rows: one call of a model, or a program that makes calls."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ...agents.models.base import ModelError, ModelReply, ModelRequest
from ...agents.programs.base import AskFailed
from ...agents.programs.request import PROGRAMS
from ..calls.executing import ExecutingModel
from ..calls.model_pool import ModelPool, PooledModel
from ..calls.retry import Answered, Failed, ask, pay_nothing
from ..config.settings import Config
from ..runtime.assembly import models_for, pooled_model


class Asking(Protocol):
    """Answers requests of the scorer, so many at a time."""

    @property
    def slots(self) -> int:
        """Number of requests that may be under way at the same time."""
        ...

    @property
    def identity(self) -> str:
        """Identity of the model that answers; with a program, of the scorer's."""
        ...

    async def ask(self, request: ModelRequest) -> Answered | Failed:
        """Return the outcome of a request, after retries."""
        ...

    async def close(self) -> None:
        """Close the models."""
        ...


def asking_for(config: Config, *, program: bool) -> Asking:
    """Return the way to ask of a run with this configuration. Raise `ConfigError` if it cannot be built.

    Building a program loads the user's code, so it must have been approved.
    """
    return (
        ProgramAsking(models_for(config))
        if program
        else ModelAsking(pooled_model("scorer", config.models.scorer))
    )


class ModelAsking:
    """Asks one model."""

    def __init__(self, pooled: PooledModel) -> None:
        self._pooled = pooled

    @property
    def slots(self) -> int:
        """Slots of the model."""
        return self._pooled.slots

    @property
    def identity(self) -> str:
        """Identity of the model."""
        return self._pooled.model.identity

    async def ask(self, request: ModelRequest) -> Answered | Failed:
        """Send a request, and retry it."""
        return await ask(self._pooled.model, request, pay_nothing)

    async def close(self) -> None:
        """Close the model."""
        await self._pooled.model.close()


class ProgramAsking:
    """Runs the program of a task; its calls go to the models of the run, each within its slots."""

    def __init__(self, pool: ModelPool) -> None:
        self._pool = pool
        self._slots: dict[str, AbstractAsyncContextManager[object]] = pool.per_model(
            lambda role: asyncio.Semaphore(pool.slots(role))
        )

    @property
    def slots(self) -> int:
        """Executions at the same time."""
        return self._pool.slots(PROGRAMS)

    @property
    def identity(self) -> str:
        """Identity of the scorer's model."""
        return self._pool["scorer"].model.identity

    async def ask(self, request: ModelRequest) -> Answered | Failed:
        """Run the program once. It is not run again if it fails, as in a run."""
        model = self._pool[PROGRAMS].model
        assert isinstance(model, ExecutingModel)
        began = time.perf_counter()
        try:
            return Answered(await model.execute(request, self._send), time.perf_counter() - began)
        except ModelError as error:
            return Failed(error.cause, str(error))

    async def close(self) -> None:
        """Close all models."""
        await self._pool.close()

    async def _send(self, role: str, _about: str, request: ModelRequest) -> ModelReply:
        if role not in self._pool or role == PROGRAMS:
            known = ", ".join(name for name in self._pool if "." not in name)
            raise AskFailed("bad_request", f"The run has no model {role!r} to ask; it has {known}.")
        async with self._slots[role]:
            outcome = await ask(self._pool[role].model, request, pay_nothing)
        if isinstance(outcome, Failed):
            raise AskFailed(outcome.cause, outcome.error)
        return outcome.reply
