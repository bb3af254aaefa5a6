"""Bring the tables of a log up to date with it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ....agents.upcasting import UPCASTERS
from ....storage.errors import UnknownRun
from ....storage.event import Event
from ....storage.file_names import slug
from ....storage.place import Place, to_place
from ....storage.reader import Reader
from ....storage.redaction import RECORD
from ....storage.views import Views
from ..decoding import message_for
from ..run_state import RunState
from ..summary import summarised
from .complete import complete
from .fold import fold
from .schema import TABLES, VERSION


def views_path(log: Place) -> Path:
    """Return the file of the tables of a log, which may be deleted at any time.

    It lies beside a log file. For a database it lies in the working directory, and its name is made of those
    of server, database and schema.
    """
    place = to_place(log)
    if isinstance(place, Path):
        # A symbolic link must not have tables of its own: a redaction would not reach them.
        place = place.resolve() if place.is_symlink() else place
        return place.with_name(place.name + ".views.db")
    url = urlsplit(place)
    query = parse_qs(url.query)
    words = [url.netloc.rpartition("@")[2], *query.get("host", ()), url.path, *query.get("schema", ())]
    return Path(f"{slug(' '.join(words))}.views.db")


def open_views(log: Place) -> Views:
    """Open the tables of `log`, creating them if needed. Raises `LogUnreadable` if the file is another."""
    return Views(views_path(log), TABLES, fold, VERSION)


def catch_up(views: Views, reader: Reader, run: str, *, rebuild: bool = False) -> int:
    """Enter the events of `run` that are not in the tables yet; return their number.

    The run is entered from its beginning with `rebuild`, if the log was replaced by another one, and if a
    payload was redacted since: what is gone from the log must not stay in the tables.
    """
    seq, known = views.position(run)
    records = _records(reader, run)
    redacted_since = any(record > seq for record in records.values())
    if seq and (rebuild or redacted_since or not _holds(reader, run, seq, known)):
        views.forget(run)
        seq = 0
    count = views.feed(_allowed(reader.read(run, after=seq), records))
    if count:
        state = _state(reader, run, records) if records else summarised(reader, run)
        views.change(lambda rows: complete(rows, state))
    return count


def _state(reader: Reader, run: str, records: Mapping[str, int]) -> RunState:
    state = RunState()
    for event in _allowed(reader.read(run), records):
        state.apply(event, message_for(event))
    return state


def _holds(reader: Reader, run: str, seq: int, known: bytes) -> bool:
    try:
        return reader.event(run, seq).hash == known
    except UnknownRun:
        return False


def _records(reader: Reader, run: str) -> dict[str, int]:
    """Return the seq of each record of a redaction, by the id of the redacted event."""
    records = reader.read(run, kinds=(RECORD,))
    return {UPCASTERS.payload(record)["event"]: record.seq for record in records}


def _allowed(events: Iterable[Event], records: Mapping[str, int]) -> Iterator[Event]:
    """Yield the events without the payloads that are redacted or about to be.

    The record of a redaction is committed before the payload is blanked. A payload that is still there is
    therefore left out too, and a record that arrives during the reading ends it: the next call starts over.
    """
    for event in events:
        if event.kind == RECORD and event.seq not in records.values():
            return
        yield event._replace(data=b"") if event.id in records else event
