"""Drafts, logs and ways to damage a log, for the tests of the storage."""

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from forked_programs import Forked
from hypothesis import settings

from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader

PROPERTY = settings(deadline=None, database=None, max_examples=50)
"""Settings of property tests, which use neither a clock nor files."""


def draft(number: int, run: str = "run-a", data: bytes = b"{}", cause: str | None = None) -> Draft:
    """Return the draft whose id follows from `run` and `number`."""
    return Draft(
        run=run,
        id=f"{run}/{number}",
        kind="call.requested",
        schema=1,
        sender="scorer/main",
        recipients=("curator/main", "model/echo"),
        cause=cause,
        data=data,
    )


def open_log(path: Path) -> EventLog:
    """Return a log whose clock counts 1, 2, 3, ..., so that nothing depends on the time."""
    ticks = count(1)
    return EventLog(path, lambda: next(ticks))


@contextmanager
def writing(path: Path) -> Iterator[EventLog]:
    """Yield an open log, which is closed after the test."""
    log = open_log(path)
    try:
        yield log
    finally:
        # In a thread, because the test may have an event loop of its own.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, log.close()).result()


def write(path: Path, *drafts: Draft) -> list[Event]:
    """Append `drafts` one by one and close the log."""
    with writing(path) as log:
        return [log.submit([one]).result()[0] for one in drafts]


def events(path: Path, run: str = "run-a") -> list[Event]:
    """Return the events of one run that a reader finds."""
    with LogReader(path) as reader:
        return list(reader.read(run))


def hurt(path: Path, *statements: str) -> None:
    """Run SQL on the file without the log's knowledge and without its triggers."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("DROP TRIGGER event_no_update")
        db.execute("DROP TRIGGER event_no_delete")
        for statement in statements:
            db.execute(statement)
    finally:
        db.close()


def names(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def child(code: str, *arguments: object) -> Forked:
    """Run `code` in another process, which is killed after the test."""
    return Forked(code, *arguments)


def said(process: Forked) -> str:
    """Return the next line that the child prints. Fail with its errors if it prints none."""
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return line.strip()
