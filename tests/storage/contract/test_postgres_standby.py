"""A hot standby, which refuses LISTEN, can still be followed."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from async_generators import closable
from log_stores import PostgresStore, draft

from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.opening import open_reader


class Refusing:
    """A connection of a server that answers LISTEN with an error."""

    def __init__(self, db: Any, error: Exception) -> None:
        self._db, self._error = db, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def execute(self, query: str | bytes, *values: Any) -> Any:
        if "LISTEN" in str(query):
            raise self._error
        return self._db.execute(query, *values)

    def notifies(self, **_: Any) -> Any:
        raise AssertionError("nobody listens")


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch, server: PostgresStore) -> Any:
    """Makes every later connection of a reader refuse LISTEN with an error."""
    from transfer_prompting.storage.postgres import reader
    from transfer_prompting.storage.postgres.place import connect

    def refuse(error: Exception) -> None:
        monkeypatch.setattr(reader, "connect", lambda place: Refusing(connect(place), error))

    return refuse


async def test_polling_on_a_standby(server: PostgresStore, refuse: Any) -> None:
    """A follower that cannot listen polls."""
    from psycopg.errors import ReadOnlySqlTransaction

    server.write(draft(1))
    refuse(ReadOnlySqlTransaction("cannot execute LISTEN during recovery"))
    with open_reader(server.place) as reader:
        async with aclosing(closable(reader.follow("run-a", poll=0))) as followed, asyncio.timeout(30):
            assert (await anext(followed)).seq == 1
            waiting = asyncio.ensure_future(anext(followed))
            await asyncio.sleep(0)
            with server.writing() as log:
                log.submit([draft(2)]).result()
            assert (await waiting).seq == 2


async def test_other_refusals(server: PostgresStore, refuse: Any) -> None:
    """Any other error of LISTEN is reported as a log that cannot be read."""
    from psycopg.errors import InsufficientPrivilege

    server.write(draft(1))
    refuse(InsufficientPrivilege("permission denied"))
    with open_reader(server.place) as reader, pytest.raises(LogUnreadable, match="permission denied"):
        async with aclosing(closable(reader.follow("run-a"))) as followed:
            await anext(followed)
