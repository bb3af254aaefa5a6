"""Bringing the tables beside a log up to the end of a run."""

from pathlib import Path

from ...storage.errors import UnknownRun
from ...storage.projections import Views
from ...storage.reader import LogReader
from ...storage.redaction import RECORD
from .fold import fold
from .tables import TABLES, VERSION


def views_path(log: Path) -> Path:
    """Where the views of a log lie; the file may be deleted at any time."""
    return log.with_name(log.name + ".views.db")


def open_views(log: Path) -> Views:
    """The views of `log`, made where there are none. Raises `LogUnreadable` where the file is another."""
    return Views(views_path(log), TABLES, fold, VERSION)


def catch_up(views: Views, reader: LogReader, run: str, *, rebuild: bool = False) -> int:
    """Project what `run` holds past the views' position; returns the number of events that were new.

    It begins at zero with `rebuild`, where the log at that position is not the one that was projected, and
    where a payload was redacted since: what is gone from the log must not stay in the tables.
    """
    seq, known = views.position(run)
    if seq and (rebuild or not _holds(reader, run, seq, known) or _redacted_since(reader, run, seq)):
        views.forget(run)
        seq = 0
    return views.feed(reader.read(run, after=seq))


def _redacted_since(reader: LogReader, run: str, seq: int) -> bool:
    return next(reader.read(run, after=seq, kinds=(RECORD,)), None) is not None


def _holds(reader: LogReader, run: str, seq: int, known: bytes) -> bool:
    try:
        return reader.event(run, seq).hash == known
    except UnknownRun:
        return False
