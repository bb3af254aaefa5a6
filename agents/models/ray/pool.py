"""Requests spread over actors: each takes a group at a time, and what a lost actor had is asked again."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..base import ModelError, ModelReply, ModelRequest
from .actor import ActorLost

_QUIET_TURNS = 5
"""Turns of the event loop without a new request before groups are made, as in `local.batching`."""
_MOST_LOSSES = 3
"""Actors that a request, or a seat without any reply in between, may lose."""
STARTS_WITHIN = 600.0
"""Seconds in which the first actor must run. A cluster may have to start a node."""


class Actor(Protocol):
    """What the pool needs of an actor."""

    async def start(self) -> str:
        """Return the identity of its model once it runs. Raises `ModelError` and `ActorLost`."""
        ...

    async def reply_all(self, requests: Sequence[ModelRequest]) -> list[ModelReply | ModelError]:
        """Return a reply or an error for each request. Raises `ActorLost`."""
        ...

    def kill(self) -> None:
        """End the actor."""
        ...


@dataclass(slots=True)
class _Asked:
    request: ModelRequest
    answer: asyncio.Future[ModelReply | ModelError]
    losses: int = 0
    """Actors that were lost while they had the request."""


@dataclass(slots=True)
class _Seat:
    """A place for one actor, which gets another when its actor is lost."""

    actor: Actor | None = None
    """None while no actor runs here."""
    groups: int = 0
    """Groups of requests that the actor has."""
    losses: int = 0
    """Actors lost since the last reply."""
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    reason: str = ""


class ActorPool:
    """Spreads requests over `actors` actors with the model `identity`, which `make` starts one by one.

    An actor takes up to `group` requests at a time, and has up to `groups` such groups under way.
    """

    def __init__(
        self, make: Callable[[], Actor], identity: str, *, actors: int, group: int, groups: int
    ) -> None:
        self._make, self._identity = make, identity
        self._group, self._groups = group, groups
        self._queue: deque[_Asked] = deque()
        self._seats = [_Seat() for _ in range(actors)]
        self._error: ModelError | None = None
        """Why there are no actors any more."""
        self._lives: list[asyncio.Task[None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._dispatcher: asyncio.Task[None] | None = None

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the reply of some actor. Raises `ModelError`."""
        if not self._lives:
            self._lives = [asyncio.create_task(self._live(seat)) for seat in self._seats]
        if self._error is not None:
            raise self._error
        answer: asyncio.Future[ModelReply | ModelError] = asyncio.get_running_loop().create_future()
        self._queue.append(_Asked(request, answer))
        self._wake()
        outcome = await answer
        if isinstance(outcome, ModelError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Cancel what waits, and end all actors."""
        tasks = [*self._lives, *self._tasks, *([self._dispatcher] if self._dispatcher else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for asked in self._queue:
            asked.answer.cancel()
        self._queue.clear()

    async def _live(self, seat: _Seat) -> None:
        """Keep an actor on a seat until none can be had."""
        try:
            while True:
                await self._occupy(seat)
        except ModelError as error:
            self._give_up(seat, error)
        except Exception as error:  # noqa: BLE001 - else requests would wait for ever
            self._give_up(seat, _crash(error))

    async def _occupy(self, seat: _Seat) -> None:
        """Start an actor, and wait until it is lost. Raise `ModelError` if it is of no use to go on."""
        actor = self._make()
        try:
            await self._start(actor)
            seat.lost.clear()
            seat.actor = actor
            self._wake()
            await seat.lost.wait()
        except ActorLost as error:
            seat.reason = str(error)
        finally:
            seat.actor, seat.groups = None, 0
            actor.kill()
        seat.losses += 1
        if seat.losses >= _MOST_LOSSES:
            raise ModelError(
                "crash", f"{_MOST_LOSSES} actors in a row were lost on Ray before they replied: {seat.reason}"
            )

    async def _start(self, actor: Actor) -> None:
        starting = asyncio.ensure_future(actor.start())
        try:
            while not (await asyncio.wait([starting], timeout=STARTS_WITHIN))[0]:
                # Others do the work: this one may wait for a node.
                if not any(seat.actor for seat in self._seats):
                    raise ModelError(
                        "connection",
                        f"No actor has started within {STARTS_WITHIN:.0f} seconds.",
                        advice="`ray status` shows what the cluster has: ask for fewer `gpus` or `cpus`.",
                        sent=False,
                    )
            found = starting.result()
        finally:
            starting.cancel()
        if found != self._identity:
            raise ModelError(
                "bad_request",
                f"A node has another model ({found}) than this computer ({self._identity}).",
                advice="Put the same files at the same place on all nodes.",
                sent=False,
            )

    def _give_up(self, seat: _Seat, error: ModelError) -> None:
        """Leave a seat empty for good; without any seat no request can be answered."""
        self._seats.remove(seat)
        if self._seats:
            return
        self._error = error
        while self._queue:
            _settle(self._queue.popleft(), error)

    def _wake(self) -> None:
        if self._dispatcher is None or self._dispatcher.done():
            self._dispatcher = asyncio.create_task(self._dispatch())

    async def _dispatch(self) -> None:
        while self._queue and self._free():
            await self._wait_for_quiet()
            free = self._free()
            waiting = [asked for asked in self._queue if not asked.answer.done()]
            share = min(self._group, -(-len(waiting) // max(1, len(free))))
            for seat in free:
                group, waiting = waiting[:share], waiting[share:]
                if group:
                    self._hand_over(seat, group)
            self._queue = deque(waiting)

    def _free(self) -> list[_Seat]:
        """Return the seats whose actor can take a group, the least busy first."""
        free = [seat for seat in self._seats if seat.actor is not None and seat.groups < self._groups]
        return sorted(free, key=lambda seat: seat.groups)

    async def _wait_for_quiet(self) -> None:
        quiet, count = 0, len(self._queue)
        while quiet < _QUIET_TURNS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._queue) == count else 0
            count = len(self._queue)

    def _hand_over(self, seat: _Seat, group: list[_Asked]) -> None:
        assert seat.actor is not None
        seat.groups += 1
        task = asyncio.create_task(self._ask(seat, seat.actor, group))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, seat: _Seat, actor: Actor, group: list[_Asked]) -> None:
        try:
            outcomes = await actor.reply_all([asked.request for asked in group])
        except ActorLost as error:
            self._take_back(group, str(error))
            if seat.actor is actor:
                seat.reason = str(error)
                seat.actor = None
                seat.lost.set()
        except Exception as error:  # noqa: BLE001 - else requests would wait for ever
            self._settle_all(seat, actor, group, [_crash(error)] * len(group))
        else:
            seat.losses = 0
            self._settle_all(seat, actor, group, outcomes)
        self._wake()

    @staticmethod
    def _settle_all(
        seat: _Seat, actor: Actor, group: list[_Asked], outcomes: Sequence[ModelReply | ModelError]
    ) -> None:
        for asked, outcome in zip(group, outcomes, strict=True):
            _settle(asked, outcome)
        if seat.actor is actor:
            seat.groups -= 1

    def _take_back(self, group: list[_Asked], reason: str) -> None:
        """Queue what a lost actor had before everything else, unless it may be what kills the actors."""
        for asked in reversed(group):
            asked.losses += 1
            if asked.losses < _MOST_LOSSES and self._error is None:
                self._queue.appendleft(asked)
            else:
                text = f"{asked.losses} actors were lost on Ray while they had this request: {reason}"
                _settle(asked, ModelError("crash", text))


def _crash(error: Exception) -> ModelError:
    return ModelError("crash", f"Ray: {type(error).__name__}: {error}")


def _settle(asked: _Asked, outcome: ModelReply | ModelError) -> None:
    if not asked.answer.done():
        asked.answer.set_result(outcome)
