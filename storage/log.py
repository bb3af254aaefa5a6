"""Writer of the log: many appenders in a process share one database thread.

Appends go into a queue. The thread commits all that are waiting in one transaction (group commit), so that
sixty-four appenders pay for one fsync instead of sixty-four. Events are on the disk when `append` returns.
Listeners receive every committed event in log order.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Self

from .clock import Clock, SteadyClock
from .errors import IdConflict, RowRefused, StorageError
from .event import Draft, Event
from .opening import open_table
from .place import Place, shown
from .table_protocol import Written
from .wakeups import Mailbox, Waiter

ANCHOR_WITHIN = 0.1
"""Seconds by which the head anchor may lag. Writing it costs an fsync, as a commit does."""
Listener = Callable[[Sequence[Event]], None]
Appended = Future[list[Event]]
_Job = tuple[Sequence[Draft], Appended | Waiter, Appended | None]
"""Drafts, the future to complete with their events, and the future of the append they depend on."""


class EventLog:
    """An append-only log, open for writing. Use `await EventLog.open(place)` and `close()`."""

    def __init__(self, place: Place, clock: Clock, run: str | None = None, *, keys: bool = False) -> None:
        self.place, self._table = open_table(place, clock)
        try:
            if run is not None:
                self._table.claim(run)
            if keys:
                self._table.index_keys()
        except BaseException:
            self._table.close()
            raise
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._mailbox: Mailbox | None = None
        self._listeners: list[tuple[asyncio.AbstractEventLoop, Listener]] = []
        self._thread = threading.Thread(target=self._write_all, name="log-writer", daemon=True)
        self._thread.start()

    @classmethod
    async def open(
        cls, place: Place, clock: Clock | None = None, run: str | None = None, *, keys: bool = False
    ) -> Self:
        """Open the log at `place`, creating it if there is none. The default of `clock` is a `SteadyClock`.

        No other process can open the log with the same `run` before this one closes it. With `keys`, replies
        are found quickly by the keys of their calls, which makes appends slower. Raise `LogBusy` if
        another process writes to the file, `RunBusy` if one has opened a database with the same `run`,
        `LogUnreadable` if the place holds something else, and `TailMissing` if events at the end are gone.
        """
        return await asyncio.to_thread(cls, place, clock or SteadyClock(), run, keys=keys)

    def listen(self, listener: Listener) -> None:
        """Call `listener` in the running event loop with each batch of committed events, in log order."""
        self._listeners.append((asyncio.get_running_loop(), listener))

    def submit(self, drafts: Sequence[Draft], after: Appended | None = None) -> Appended:
        """Queue `drafts` for one atomic append. Batches are committed in the order of submission.

        `after` is the future of an earlier batch; if that batch fails, this one is refused too. A
        conversation thus has no gap after a disk was full for a moment. Raise `StorageError` if the log is
        closed.
        """
        done: Appended = Future()
        # It can no longer be cancelled: a caller that stops waiting must not stop the writer.
        done.set_running_or_notify_cancel()
        self._put(drafts, done, after)
        return done

    async def append(self, drafts: Sequence[Draft]) -> list[Event]:
        """Append all of `drafts` or none; they are durable when this returns.

        Appending is idempotent: if the log has an event with the same id and contents, that event is
        returned. Raise `IdConflict` if the contents differ, and `LogFull` if the disk is full.
        """
        loop = asyncio.get_running_loop()
        if self._mailbox is None or self._mailbox.loop is not loop:
            self._mailbox = Mailbox(loop)
        waiter = Waiter(self._mailbox)
        self._put(drafts, waiter, None)
        return await waiter.future

    async def close(self) -> None:
        """Commit waiting batches, write the head anchor and release the lock. Closing twice is allowed."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._table.close()

    def _put(self, drafts: Sequence[Draft], done: Appended | Waiter, after: Appended | None) -> None:
        if self._closed:
            raise StorageError(
                f"The log {shown(self.place)} is closed: nothing can be appended. Open it again."
            )
        self._jobs.put((drafts, done, after))

    def _write_all(self) -> None:
        stopping = False
        anchor_at: float | None = None
        while not stopping:
            jobs, stopping = self._waiting(anchor_at)
            if jobs:
                self._commit(jobs)
                anchor_at = anchor_at or monotonic() + ANCHOR_WITHIN
            if anchor_at and (stopping or monotonic() >= anchor_at):
                self._table.anchor()
                anchor_at = None

    def _waiting(self, until: float | None) -> tuple[list[_Job], bool]:
        """Return all waiting jobs, or none if `until` passes first, and True if the log is closing."""
        jobs: list[_Job] = []
        with suppress(Empty):
            job = self._jobs.get(timeout=until and max(0.0, until - monotonic()))
            while job is not None:
                jobs.append(job)
                job = self._jobs.get_nowait()
            return jobs, True
        return jobs, False

    def _commit(self, jobs: list[_Job]) -> None:
        jobs = [job for job in jobs if not self._refused_with_predecessor(job)]
        try:
            written = self._table.append([drafts for drafts, _, _ in jobs])
        except (IdConflict, RowRefused, ValueError, TypeError, OverflowError) as error:
            self._commit_one_by_one(jobs, error)
        except StorageError as error:
            # The disk is at fault, not the drafts, so there is no point in trying them one by one.
            self._refuse(jobs, error)
        else:
            self._acknowledge(jobs, written)

    def _refused_with_predecessor(self, job: _Job) -> bool:
        _, _, after = job
        # A predecessor in the same group is still undecided, and succeeds or fails with the group.
        error = after.exception() if after is not None and after.done() else None
        if isinstance(error, Exception):
            self._refuse([job], error)
            return True
        return False

    def _commit_one_by_one(self, jobs: list[_Job], error: Exception) -> None:
        """Commit each batch in its own transaction, so that one bad batch does not fail the others."""
        if len(jobs) == 1:
            self._refuse(jobs, error)
            return
        for job in jobs:
            self._commit([job])

    def _refuse(self, jobs: list[_Job], error: Exception) -> None:
        for _, done, _ in jobs:
            done.set_exception(error)

    def _acknowledge(self, jobs: list[_Job], written: list[Written]) -> None:
        fresh = [event for _, new in written for event in new]
        if fresh:
            for loop, listener in self._listeners:
                # The loop of this listener may be closed.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(listener, fresh)
        for (_, done, _), (events, _) in zip(jobs, written, strict=True):
            done.set_result(events)
