"""Lineage of a run: its origin in another run or a file, its forks, and the redaction of its events."""

from typing import Any, Literal

from .base import Message, plural


class RunForked(Message):
    """This run shares the events of another run up to one point and diverges from there.

    Written to the new run when a run is forked, or continued with a larger budget after its budget has ended.
    """

    kind: Literal["run.forked"] = "run.forked"
    origin: str
    """Name of the run that was forked."""
    at: int
    """Seq of the last shared event, in the origin."""
    prefix: str
    """Hash of that event, in hexadecimal. It stands for all events up to there."""
    overrides: dict[str, Any]
    """Dotted key of the configuration -> value, for each setting that differs from the origin."""
    carried: dict[str, float] | None = None
    """Amounts that the origin has spent after that point, if this run replaces the origin. They count
    towards the budget here. In tokens, billionths of money (`units`), calls and seconds."""

    def gist(self) -> str:
        """Return the origin, the seq and the number of changed settings."""
        changed = f", with {plural(len(self.overrides), 'setting')} changed" if self.overrides else ""
        return f"forked from {self.origin} at seq {self.at}{changed}"


class ForkMade(Message):
    """Another run was forked from this one. The counterpart of `run.forked`, written to the origin."""

    kind: Literal["fork.made"] = "fork.made"
    fork: str
    """Name of the new run."""
    at: int
    """Seq of the last shared event."""

    def gist(self) -> str:
        """Return the seq and the name of the fork."""
        return f"forked at seq {self.at} into {self.fork}"


class RunImported(Message):
    """The preceding events were imported from a file, with new seqs and times.

    Written after the last of them; it records the original times and the original hash.
    """

    kind: Literal["run.imported"] = "run.imported"
    events: int
    """Number of imported events."""
    first_at: int
    """Original commit time of the first event, in microseconds since 1970."""
    last_at: int
    """Original commit time of the last event, in microseconds since 1970."""
    hash: str
    """Original hash of the last event, in hexadecimal."""

    def gist(self) -> str:
        """Return the number of events and the original hash of the last one."""
        return f"imported {plural(self.events, 'event')}; the last had the hash {self.hash[:12]}"


class EventRedacted(Message):
    """A user has blanked the payload of an event. Its row and its hash remain."""

    kind: Literal["event.redacted"] = "event.redacted"
    event: str
    """Id of the redacted event."""
    seq: int
    """Seq of the redacted event."""
    sha256: str
    """SHA-256 digest of the removed payload, in hexadecimal."""
    size: int
    """Size of the removed payload, in bytes."""
    reason: str
    """Reason that the user gave."""

    def gist(self) -> str:
        """Return the size, the seq and the reason."""
        return f"blanked the {plural(self.size, 'byte')} of seq {self.seq}: {self.reason[:200]}"
