"""A model that runs in actors on the nodes of a Ray cluster."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..base import Counting, Model, ModelReply, ModelRequest, TokenCount
from .actor import ActorHandle, EngineActor
from .connection import CONNECTION
from .pool import ActorPool


@dataclass(frozen=True, slots=True)
class PoolSize:
    """The actors of a model, and how much each takes at a time."""

    actors: int
    cpus: float
    """Processors that Ray reserves for each actor."""
    gpus: float
    group: int
    """The most requests that an actor gets together."""
    groups: int
    """The most such groups that an actor has under way."""


class RayModel:
    """Spreads requests over actors, each of which runs an engine that `build` makes.

    The identity is that of the engine's model: how many actors there are changes no reply. `address` is that
    of a cluster; without one Ray starts on this computer. Ray is reached with the first request.

    Raises what `build` raises.
    """

    def __init__(self, build: Callable[[], Model], size: PoolSize, address: str | None = None) -> None:
        self._build, self._size, self._address = build, size, address
        self._here = build()
        """The engine in this process, which tells the identity and counts tokens, and is never asked."""
        self._opening: asyncio.Task[ActorPool] | None = None

    @property
    def identity(self) -> str:
        """The identity of the engine's model."""
        return self._here.identity

    @property
    def scores_options(self) -> bool:
        """True if the engine does."""
        return self._here.scores_options

    @property
    def rates_options(self) -> bool:
        """True if the engine does."""
        return self._here.rates_options

    def count(self, request: ModelRequest) -> TokenCount | None:
        """Return what the engine counts."""
        return self._here.count(request) if isinstance(self._here, Counting) else None

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the reply of some actor. Raises `ModelError`."""
        if self._opening is None or self._failed(self._opening):
            self._opening = asyncio.create_task(self._open())
        pool = await asyncio.shield(self._opening)
        return await pool.reply(request)

    async def close(self) -> None:
        """End all actors, and leave Ray if nothing else of this process uses it."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
            if not self._failed(self._opening):
                await self._opening.result().close()
                await asyncio.to_thread(CONNECTION.leave)
            self._opening = None
        await self._here.close()

    @staticmethod
    def _failed(opening: "asyncio.Task[ActorPool]") -> bool:
        return opening.done() and opening.exception() is not None

    async def _open(self) -> ActorPool:
        ray = await asyncio.to_thread(CONNECTION.open, self._address)
        size = self._size
        remote = ray.remote(
            num_cpus=size.cpus,
            num_gpus=size.gpus,
            scheduling_strategy="SPREAD",
            max_restarts=0,
            max_task_retries=0,
        )(EngineActor)

        def make() -> Any:
            return ActorHandle(ray, remote.remote(self._build))

        return ActorPool(make, self.identity, actors=size.actors, group=size.group, groups=size.groups)
