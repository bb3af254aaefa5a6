"""The pool that spreads requests over actors, with actors of the test's own."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from transfer_prompting.agents.models.base import ChatMessage, ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.ray import pool as pools
from transfer_prompting.agents.models.ray.actor import ActorLost
from transfer_prompting.agents.models.ray.pool import ActorPool

Outcomes = list[ModelReply | ModelError]


def request(text: str) -> ModelRequest:
    return ModelRequest(messages=(ChatMessage(role="user", content=text),))


class Local:
    """An actor in this process, which keeps the groups that it got."""

    def __init__(self, identity: str = "m", answer: Callable[[str], str] = str) -> None:
        self.identity, self.answer = identity, answer
        self.groups: list[list[str]] = []
        self.killed = False

    async def start(self) -> str:
        await asyncio.sleep(0)
        return self.identity

    async def reply_all(self, requests: Sequence[ModelRequest]) -> Outcomes:
        texts = [one.messages[-1].text for one in requests]
        self.groups.append(texts)
        await asyncio.sleep(0)
        return [self._reply(text) for text in texts]

    def _reply(self, text: str) -> ModelReply:
        return ModelReply(text=self.answer(text), finish="stop", prompt_tokens=1, completion_tokens=1)

    def kill(self) -> None:
        self.killed = True


class Dying(Local):
    """An actor that is lost with its first group."""

    async def reply_all(self, requests: Sequence[ModelRequest]) -> Outcomes:
        await super().reply_all(requests)
        raise ActorLost("the node has gone")


class Pool:
    """A pool with actors from a list; the last one is made again and again."""

    def __init__(self, *actors: Callable[[], Local], seats: int = 2, group: int = 4, groups: int = 1) -> None:
        self.made: list[Local] = []
        self._actors = actors
        self.pool = ActorPool(self._make, "m", actors=seats, group=group, groups=groups)

    def _make(self) -> Local:
        self.made.append(self._actors[min(len(self.made), len(self._actors) - 1)]())
        return self.made[-1]

    async def ask(self, count: int) -> list[ModelReply | BaseException]:
        """Ask for so many replies at the same time, and close the pool."""
        asked = (self.pool.reply(request(str(number))) for number in range(count))
        try:
            return list(await asyncio.gather(*asked, return_exceptions=True))
        finally:
            await self.pool.close()


def texts(replies: Sequence[ModelReply | BaseException]) -> list[str]:
    return [reply.text for reply in replies if isinstance(reply, ModelReply)]


async def test_requests_are_spread_evenly() -> None:
    """Requests that come together are dealt to all actors, no group is too large, and all are ended."""
    pool = Pool(Local, group=4)
    assert texts(await pool.ask(6)) == list("012345")
    sizes = [sorted(map(len, actor.groups)) for actor in pool.made]
    assert sizes in ([[3], [3]], [[2], [4]], [[4], [2]])
    assert max(len(group) for actor in pool.made for group in actor.groups) <= 4
    assert all(actor.killed for actor in pool.made)


async def test_what_a_lost_actor_had_is_asked_again() -> None:
    """A lost actor is replaced, and its requests are answered by others, each once."""
    pool = Pool(Dying, Local, Local)
    assert texts(await pool.ask(8)) == list("01234567")
    assert len(pool.made) == 3
    answered = [text for actor in pool.made[1:] for group in actor.groups for text in group]
    assert sorted(answered) == list("01234567")


async def test_many_groups_at_a_time() -> None:
    """An engine that takes requests one by one has several under way, all of which a loss gives back."""
    pool = Pool(Dying, Local, seats=1, group=1, groups=4)
    assert texts(await pool.ask(4)) == list("0123")


async def test_a_request_that_kills_its_actors() -> None:
    """It fails after the third actor, so that it does not kill actors for ever."""
    pool = Pool(Dying, seats=9, group=1)
    (error,) = await pool.ask(1)
    assert isinstance(error, ModelError)
    assert error.cause == "crash"
    assert "3 actors were lost on Ray while they had this request: the node has gone" in str(error)


async def test_no_actor_lasts() -> None:
    """If every seat loses three actors before a reply, all requests fail, and so does every later one."""
    pool = Pool(Dying, seats=1, group=1)
    errors = await pool.ask(5)
    assert all(isinstance(error, ModelError) and error.cause == "crash" for error in errors)
    assert len(pool.made) == 3
    with pytest.raises(ModelError, match="3 actors in a row were lost"):
        await pool.pool.reply(request("x"))


async def test_another_model_on_a_node() -> None:
    """An actor with another model answers nothing: its replies would be taken for those of this one."""
    pool = Pool(lambda: Local("another"))
    errors = await pool.ask(2)
    assert all("Put the same files" in str(error) for error in errors)
    assert not any(actor.groups for actor in pool.made)


async def test_an_engine_that_cannot_start() -> None:
    """The error of the engine on its node is that of the requests."""

    class Broken(Local):
        async def start(self) -> str:
            raise ModelError("not_supported", "Package torch is not installed.")

    (error,) = await Pool(Broken).ask(1)
    assert isinstance(error, ModelError)
    assert error.cause == "not_supported"


async def test_no_room_in_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests wait for a late actor as long as another works, and else for a limited time."""

    class Waiting(Local):
        async def start(self) -> str:
            await asyncio.sleep(60)
            return "m"

    monkeypatch.setattr(pools, "STARTS_WITHIN", 0.02)
    (error,) = await Pool(Waiting, seats=1).ask(1)
    assert "No actor has started" in str(error)
    pool = Pool(Local, Waiting)
    assert texts(await pool.ask(3)) == ["0", "1", "2"]


async def test_an_error_is_the_error_of_its_request() -> None:
    """A request that the engine refuses fails alone."""

    class Strict(Local):
        async def reply_all(self, requests: Sequence[ModelRequest]) -> Outcomes:
            found = await super().reply_all(requests)
            return [ModelError("context_length", "Too long."), *found[1:]]

    outcomes = await Pool(Strict, seats=1).ask(3)
    assert isinstance(outcomes[0], ModelError)
    assert texts(outcomes) == ["1", "2"]


async def test_an_error_in_the_program_keeps_nobody_waiting() -> None:
    """An unexpected error becomes that of the requests."""

    class Wrong(Local):
        async def reply_all(self, requests: Sequence[ModelRequest]) -> Outcomes:
            raise KeyError("surprise")

    (error,) = await Pool(Wrong, seats=1).ask(1)
    assert isinstance(error, ModelError)
    assert "KeyError" in str(error)


async def test_a_caller_that_has_gone() -> None:
    """A cancelled request is not handed to an actor."""
    pool = Pool(Local, seats=1)
    gone = asyncio.ensure_future(pool.pool.reply(request("gone")))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert texts(await pool.ask(1)) == ["0"]
    assert pool.made[0].groups == [["0"]]
