"""Runs that were read once, and are kept up to date: a long log is not read again for every page."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from ...storage.reader import Reader
from ..projections.history import RunHistory, read_history

_MOST = 4
"""Runs that are kept; the history of a long one takes hundreds of megabytes."""
_Key = tuple[str, str, str | None]


@dataclass(slots=True)
class _Kept:
    lock: Lock = field(default_factory=Lock)
    history: RunHistory | None = None


class Histories:
    """The runs that were looked at last. Every method may be called from any thread."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()

    @contextmanager
    def up_to_date(self, reader: Reader, run: str, target: str | None) -> Iterator[RunHistory]:
        """Yield the history of a run up to its last event. Nobody else changes it within the block.

        `reader` is a reader for `target`. A run whose events cannot be read is forgotten.
        """
        key = (str(reader.place), run, target)
        kept = self._keep(key)
        with kept.lock:
            try:
                history = kept.history = _caught_up(reader, run, kept.history)
            except BaseException:
                kept.history = None
                raise
            yield history

    def _keep(self, key: _Key) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return kept


def _caught_up(reader: Reader, run: str, history: RunHistory | None) -> RunHistory:
    if history is None or not _continues(reader, run, history):
        return read_history(reader, run)
    for event in reader.read(run, after=history.seq):
        history.apply(event)
    return history


def _continues(reader: Reader, run: str, history: RunHistory) -> bool:
    """Return whether the log still holds what was read: its file may have been replaced, or redacted."""
    last = next(iter(reader.read(run, after=history.seq - 1)), None)
    return last is not None and (last.seq, last.hash.hex()) == (history.seq, history.hash)
