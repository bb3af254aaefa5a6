"""Taking a payload out of a log for good, in the open: the row, its hash and the reason stay."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ...agents.messages import EventRedacted
from ...storage.errors import NotRedactable
from ...storage.event import Event
from ...storage.log import EventLog
from ...storage.opening import open_reader
from ...storage.place import Place, shown, to_place
from ...storage.reader import Reader
from ...storage.redaction import RECORD, blank, is_redacted, recorded_digests
from ..projections.run_status import NOTES
from .notes import note


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was blanked: the run, the seq, and the bytes that are gone."""

    run: str
    seq: int
    size: int


async def redact(log_path: Place, name: str, seq: int, reason: str) -> Redacted:
    """Record that the payload of `seq` is to go, and why; then blank it.

    In this order, so that a crash between the two leaves a sound log; redacting again then finishes it.
    Raises `NotRedactable`, also for a log that is no file, `LogBusy`, `UnknownRun`, and `LogDamaged` where
    the run does not hold before.
    """
    path = _file(log_path)
    with open_reader(path) as reader:
        run = reader.resolve(name)
        version = reader.verify(run) + 1
        event = reader.event(run, seq)
        recorded = event.id in recorded_digests(_record_rows(reader, run))
    _check(event)
    if not recorded:
        message = EventRedacted(
            event=event.id,
            seq=seq,
            sha256=sha256(event.data).hexdigest(),
            size=len(event.data),
            reason=" ".join(reason.split()),
        )
        log = await EventLog.open(path)
        try:
            await log.append([note(run, version, message)])
        finally:
            await log.close()
    blank(path, run, seq)
    return Redacted(run, seq, len(event.data))


def _record_rows(reader: Reader, run: str) -> list[tuple[object, ...]]:
    # Only the column of the data is looked at.
    return [(None,) * 10 + (event.data,) for event in reader.read(run, kinds=(RECORD,))]


def _file(log_path: Place) -> Path:
    place = to_place(log_path)
    if isinstance(place, Path):
        return place
    raise NotRedactable(
        f"{shown(place)} is not a file. A database server keeps old versions of a row, its journal and its "
        "backups where this program cannot overwrite them: a payload blanked there would only look gone. "
        "Carry the run into a file with `tp export RUN -o FILE` and `tp import FILE --log NEW.db`, redact it "
        "there (a new file numbers by the version that `tp show RUN SEQ` tells), then drop the schema."
    )


def _check(event: Event) -> None:
    if is_redacted(event):
        raise NotRedactable(f"Seq {event.seq} of run {event.run} is redacted already.")
    if event.kind in NOTES:
        raise NotRedactable(
            f"Seq {event.seq} is a note ({event.kind}): it tells what was done to the run, so it stays."
        )
