"""Replies that are already paid for: those of this run, and of other runs in the same log."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...agents.call_events import replies_with, reply_to
from ...agents.messages import CallFinished, RunForked
from ...agents.messages.codec import decode
from ...agents.models.base import ModelReply
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
    the log if `others` is None.
    """

    def __init__(self, place: Place, run: str, others: Sequence[str] | None = ()) -> None:
        self._place = place
        self._run = run
        self._others = others
        self._reader: Reader | None = None
        self._calls: dict[str, str] = {}
        self._unrecorded: dict[str, ModelReply] = {}
        """Replies that may be needed before the log has them, by call."""

    def close(self) -> None:
        """Close the log."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

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
        if self._others == ():
            return None
        events = replies_with(self._open(), key, self._others)
        return next((_known(event) for event in events if not is_redacted(event)), None)

    def _read(self, call: str) -> ModelReply:
        message = decode(reply_to(self._open(), self._run, call))
        assert isinstance(message, CallFinished)
        return message.reply

    def _open(self) -> Reader:
        if self._reader is None:
            self._reader = open_reader(self._place)
        self._reader.refresh()
        return self._reader


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
