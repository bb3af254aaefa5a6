"""Event envelope: the columns that every row of the log has, independent of its message."""

from datetime import UTC, datetime
from hashlib import blake2b, sha256
from typing import Any, NamedTuple


class Draft(NamedTuple):
    """An event that is not yet in the log.

    `id` is deterministic (see `event_id`), so that appending is idempotent. `recipients` are agent ids such
    as "scorer/main". `cause` is the id of the event whose handling produced this one. `data` is the message
    as UTF-8 JSON.
    """

    run: str
    id: str
    kind: str
    schema: int
    sender: str
    recipients: tuple[str, ...]
    cause: str | None
    data: bytes


class Event(NamedTuple):
    """A committed row.

    `seq` counts over the whole log and `version` within the run, both from 1 and without gaps. `at` is
    the time of the commit in microseconds since 1970 (UTC). `hash` is the SHA-256 that chains this row
    to the one before it in the same run.
    """

    # A named tuple, since it is built seven times as fast as a frozen dataclass.

    seq: int
    run: str
    version: int
    id: str
    kind: str
    schema: int
    sender: str
    recipients: tuple[str, ...]
    cause: str | None
    at: int
    data: bytes
    hash: bytes

    @property
    def time(self) -> datetime:
        """Time of the commit, in UTC."""
        return datetime.fromtimestamp(self.at / 1e6, tz=UTC)

    def same_as(self, draft: Draft) -> bool:
        """Return True if this row stores exactly the contents of `draft`."""
        return (
            self.run == draft.run
            and self.id == draft.id
            and self.kind == draft.kind
            and self.schema == draft.schema
            and self.sender == draft.sender
            and self.recipients == draft.recipients
            and self.cause == draft.cause
            and self.data == draft.data
        )


def event_id(run: str, cause: str | None, sender: str, ordinal: int, kind: str = "") -> str:
    """Return the id of the `ordinal`-th message that `sender` sent in response to `cause`.

    Messages of the runtime, and those that the user adds to a run later, are counted by `kind`, because
    several parts of the program write them. All other ids leave it out: a handler numbers everything that it
    publishes, and the outcomes of a call are one sequence. In logs of earlier versions every id does so.
    """
    text = "\x1f".join((run, cause or "", sender, str(ordinal), *((kind,) if kind else ())))
    return blake2b(text.encode(), digest_size=12).hexdigest()


def genesis(run: str) -> bytes:
    """Return the hash that precedes the first event of a run in its chain."""
    return sha256(b"transfer-prompting/log/1\x00" + run.encode()).digest()


def chain_hash(previous: bytes, row: tuple[Any, ...], data_digest: bytes | None = None) -> bytes:
    """Return the SHA-256 over the previous hash and every column as stored.

    `row` begins with the columns from seq to data in the table's order. The hashed bytes begin with the
    numbers and the lengths of the texts in characters, so no two rows give the same bytes. The data enter as
    their own SHA-256, so that the chain stays valid after a redaction: `data_digest` then replaces the
    digest of the data.
    """
    seq, run, version, id_, kind, schema, sender, recipients, cause, at, data = row[:11]
    end = "-" if cause is None else f"{len(cause)} {cause}"
    header = (
        f"{seq} {version} {schema} {at} {len(run)} {len(id_)} {len(kind)} {len(sender)} {len(recipients)} "
        f"{run}{id_}{kind}{sender}{recipients}{end}"
    )
    return sha256(previous + header.encode() + (data_digest or sha256(data).digest())).digest()
