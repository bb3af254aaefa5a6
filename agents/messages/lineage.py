"""Where a run comes from, and what was done to it afterwards."""

from typing import Any, Literal

from .base import Message, counted


class RunForked(Message):
    """This run shares the events of another up to a point and goes its own way from there."""

    kind: Literal["run.forked"] = "run.forked"
    origin: str
    """The run it was forked from."""
    at: int
    """The seq of the last shared event, in the origin."""
    prefix: str
    """The hash of that event, in hexadecimal: it stands for everything up to there."""
    overrides: dict[str, Any]
    """Dotted key of the configuration -> the value that it has here and not in the origin."""
    carried: dict[str, float] | None = None
    """What the origin has spent behind that point: it counts towards the budget here, where this run stands
    for the origin. In tokens, billionths of money (`units`), calls and seconds."""

    def gist(self) -> str:
        changed = f", with {counted(len(self.overrides), 'setting')} changed" if self.overrides else ""
        return f"forked from {self.origin} at seq {self.at}{changed}"


class ForkMade(Message):
    """Another run was forked from this one; the same fact as `RunForked`, seen from the origin."""

    kind: Literal["fork.made"] = "fork.made"
    fork: str
    """The name of the new run."""
    at: int

    def gist(self) -> str:
        return f"forked at seq {self.at} into {self.fork}"


class RunImported(Message):
    """The events before came from a file. Their seqs and times were given anew; this keeps the old end."""

    kind: Literal["run.imported"] = "run.imported"
    events: int
    first_at: int
    """When the first of them was committed where they come from, in microseconds since 1970."""
    last_at: int
    hash: str
    """The hash of the last of them there, in hexadecimal."""

    def gist(self) -> str:
        return f"imported {counted(self.events, 'event')}; the last had the hash {self.hash[:12]}"


class EventRedacted(Message):
    """The payload of an event was blanked on purpose; its row and its hash are still there."""

    kind: Literal["event.redacted"] = "event.redacted"
    event: str
    """The id of the event."""
    seq: int
    sha256: str
    """Of the payload that is gone, in hexadecimal."""
    size: int
    """Of that payload, in bytes."""
    reason: str

    def gist(self) -> str:
        return f"blanked the {counted(self.size, 'byte')} of seq {self.seq}: {self.reason[:200]}"
