"""Bringing the tables beside a log up to the end of a run."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ....agents.upcasting import UPCASTERS
from ....storage.errors import UnknownRun
from ....storage.event import Event
from ....storage.place import Place, to_place
from ....storage.reader import Reader
from ....storage.redaction import RECORD
from ....storage.views import Views
from .fold import fold
from .schema import TABLES, VERSION


def views_path(log: Place) -> Path:
    """Where the views of a log lie; the file may be deleted at any time.

    Those of a file lie beside it, those of a database in the folder where one works, under a name made of
    the server's, the database's and the schema's.
    """
    place = to_place(log)
    if isinstance(place, Path):
        return place.with_name(place.name + ".views.db")
    url = urlsplit(place)
    query = parse_qs(url.query)
    words = [url.netloc.rpartition("@")[2], *query.get("host", ()), url.path, *query.get("schema", ())]
    return Path(re.sub(r"[^\w.]+", "-", " ".join(words)).strip("-") + ".views.db")


def open_views(log: Place) -> Views:
    """The views of `log`, made where there are none. Raises `LogUnreadable` where the file is another."""
    return Views(views_path(log), TABLES, fold, VERSION)


def catch_up(views: Views, reader: Reader, run: str, *, rebuild: bool = False) -> int:
    """Project what `run` holds past the views' position; returns the number of events that were new.

    It begins at zero with `rebuild`, where the log at that position is not the one that was projected, and
    where a payload was redacted since: what is gone from the log must not stay in the tables.
    """
    seq, known = views.position(run)
    records = _records(reader, run)
    told_since = any(record > seq for record in records.values())
    if seq and (rebuild or told_since or not _holds(reader, run, seq, known)):
        views.forget(run)
        seq = 0
    return views.feed(_allowed(reader.read(run, after=seq), records))


def _holds(reader: Reader, run: str, seq: int, known: bytes) -> bool:
    try:
        return reader.event(run, seq).hash == known
    except UnknownRun:
        return False


def _records(reader: Reader, run: str) -> dict[str, int]:
    """Id of an event whose payload is gone, or is to go -> seq of the record of it."""
    records = reader.read(run, kinds=(RECORD,))
    return {UPCASTERS.payload(record)["event"]: record.seq for record in records}


def _allowed(events: Iterable[Event], records: Mapping[str, int]) -> Iterator[Event]:
    """The events as the tables may know them: without the payloads that the log was told to forget.

    The record is committed before the payload is blanked. So a payload that is still there is left out
    too, and a record that came while we read ends the reading: the next time begins anew.
    """
    for event in events:
        if event.kind == RECORD and event.seq not in records.values():
            return
        yield event._replace(data=b"") if event.id in records else event
