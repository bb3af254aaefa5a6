"""The replies that need not be paid again: those of this run, and of other runs of the same log."""

from collections import OrderedDict
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

_RECENT = 1024
"""Replies kept at hand: the newest may be wanted again before the log has them."""


@dataclass(frozen=True, slots=True)
class KnownReply:
    """A reply that is there already: of which call, and of which run where that is another one."""

    reply: ModelReply
    call: str
    run: str | None = None


class ReplyCache:
    """Finds the reply to a call by its key, for one run; close it behind the work.

    Beyond the run itself it looks into the `others`: the runs from which the run was forked, or None for
    every run of the log.
    """

    def __init__(self, place: Place, run: str, others: Sequence[str] | None = ()) -> None:
        self._place = place
        self._run = run
        self._others = others
        self._reader: Reader | None = None
        self._calls: dict[str, str] = {}
        self._recent: OrderedDict[str, ModelReply] = OrderedDict()

    def close(self) -> None:
        """Let go of the log."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def remember(self, key: str, call: str, reply: ModelReply | None = None) -> None:
        """Note that `call`, of this run, has answered `key`."""
        self._calls.setdefault(key, call)
        if reply is not None:
            self._recent[key] = reply
            if len(self._recent) > _RECENT:
                self._recent.popitem(last=False)

    def find(self, key: str) -> KnownReply | None:
        """The reply to a call with this key, of the run itself if it has one."""
        if key in self._calls:
            reply = self._recent.get(key) or self._recall(self._calls[key])
            return KnownReply(reply, self._calls[key])
        if self._others == ():
            return None
        events = replies_with(self._open(), key, self._others)
        return next((_known(event) for event in events if not is_redacted(event)), None)

    def _recall(self, call: str) -> ModelReply:
        message = decode(reply_to(self._open(), self._run, call))
        assert isinstance(message, CallFinished)
        return message.reply

    def _open(self) -> Reader:
        if self._reader is None:
            self._reader = open_reader(self._place)
        self._reader.refresh()
        return self._reader


def _known(event: Event) -> KnownReply:
    """The call that was paid, even if the event found only repeats its reply."""
    message = decode(event)
    assert isinstance(message, CallFinished)
    assert event.cause is not None
    return KnownReply(message.reply, message.reused or event.cause, message.reused_from or event.run)


def ancestors(reader: Reader, run: str) -> tuple[str, ...]:
    """The runs that `run` was forked from, the nearest first."""
    found: list[str] = []
    names: list[str] = [run]
    while names:
        for event in reader.read(names.pop(), kinds=("run.forked",)):
            message = None if is_redacted(event) else decode(event)
            if isinstance(message, RunForked) and message.origin not in found:
                found.append(message.origin)
                names.append(message.origin)
    return tuple(found)
