"""Replies that are already paid for: those of this run, and of other runs in this log or another."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ...agents.call_events import replies_with, reply_to
from ...agents.messages import CallFinished, RunForked
from ...agents.messages.codec import decode
from ...agents.models.base import ModelReply
from ...storage.errors import LogEmpty, LogNotFound
from ...storage.event import Event
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from ...storage.redaction import is_redacted


@dataclass(frozen=True, slots=True)
class KnownReply:
    """A reply that exists already. `run` is None if its call belongs to the current run."""

    reply: ModelReply
    call: str
    run: str | None = None


class ReplyCache:
    """Finds the reply to a call of one run by the call's key. Close it after use.

    Besides the run itself it searches the `others`: the runs from which the run was forked, or every run of
    the log if `others` is None. Then it searches every run of a `further` log, which need not exist yet.
    """

    def __init__(
        self, place: Place, run: str, others: Sequence[str] | None = (), further: Place | None = None
    ) -> None:
        self._place = place
        self._run = run
        self._others = others
        self._further = further
        self._readers: dict[Place, Reader] = {}
        self._calls: dict[str, str] = {}
        self._unrecorded: dict[str, ModelReply] = {}
        """Replies that may be needed before the log has them, by call."""

    def close(self) -> None:
        """Close the logs."""
        while self._readers:
            self._readers.popitem()[1].close()

    def remember(self, key: str, call: str, reply: ModelReply | None = None) -> None:
        """Note that `call`, of this run, has answered `key`.

        A `reply` that the log does not have yet is kept until it is `recorded`.
        """
        self._calls.setdefault(key, call)
        if reply is not None:
            self._unrecorded[call] = reply

    def recorded(self, call: str) -> None:
        """Note that the log has the reply to `call`."""
        self._unrecorded.pop(call, None)

    def find(self, key: str) -> KnownReply | None:
        """Return the reply to a call with this key, if possible from the run itself; None if unknown."""
        if key in self._calls:
            call = self._calls[key]
            return KnownReply(self._unrecorded.get(call) or self._read(call), call)
        return next((_known(event) for event in self._of_others(key) if not is_redacted(event)), None)

    def _of_others(self, key: str) -> Iterator[Event]:
        if self._others != ():
            yield from replies_with(self._open(self._place), key, self._others)
        if self._further is not None:
            with suppress(LogNotFound, LogEmpty):
                yield from replies_with(self._open(self._further), key)

    def _read(self, call: str) -> ModelReply:
        message = decode(reply_to(self._open(self._place), self._run, call))
        assert isinstance(message, CallFinished)
        return message.reply

    def _open(self, place: Place) -> Reader:
        if place not in self._readers:
            self._readers[place] = open_reader(place)
        self._readers[place].refresh()
        return self._readers[place]


def _known(event: Event) -> KnownReply:
    """Return the reply with the call that was paid, even if `event` only repeats that call's reply."""
    message = decode(event)
    assert isinstance(message, CallFinished)
    assert event.cause is not None
    return KnownReply(message.reply, message.reused or event.cause, message.reused_from or event.run)


def ancestors(reader: Reader, run: str) -> tuple[str, ...]:
    """Return the runs from which `run` was forked, directly and indirectly, the nearest first."""
    found: list[str] = []
    names: list[str] = [run]
    while names:
        for event in reader.read(names.pop(), kinds=("run.forked",)):
            message = None if is_redacted(event) else decode(event)
            if isinstance(message, RunForked) and message.origin not in found:
                found.append(message.origin)
                names.append(message.origin)
    return tuple(found)
