"""Remove a payload from a log for good; the row, its hash and the recorded reason stay."""

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
    """A redacted payload: its run, its seq, and the number of bytes removed."""

    run: str
    seq: int
    size: int


async def redact(log_path: Place, name: str, seq: int, reason: str) -> Redacted:
    """Record the redaction of the payload of `seq` and its reason, then blank the payload.

    In this order a crash between the two steps leaves a valid log, and redacting again completes it.

    Raises:
        NotRedactable: The event cannot be redacted, or the log is not a file.
        LogBusy: Another process writes to the log.
        UnknownRun: There is no such run.
        LogDamaged: The run does not verify.
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
    # Only the data column is read.
    return [(None,) * 10 + (event.data,) for event in reader.read(run, kinds=(RECORD,))]


def _file(log_path: Place) -> Path:
    place = to_place(log_path)
    if isinstance(place, Path):
        return place
    raise NotRedactable(
        f"{shown(place)} is not a file. A database server keeps old versions of a row, a journal and "
        "backups, which this program cannot overwrite, so the payload would not really be gone. Copy the run "
        "into a file with `tp export RUN -o FILE` and `tp import FILE --log NEW.db`, redact it there (in a "
        "new file the seq is the version that `tp show RUN SEQ` prints), then drop the schema."
    )


def _check(event: Event) -> None:
    if is_redacted(event):
        raise NotRedactable(f"Seq {event.seq} of run {event.run} is already redacted.")
    if event.kind in NOTES:
        raise NotRedactable(
            f"Seq {event.seq} is a note ({event.kind}), which records a change to the run, so it stays."
        )
