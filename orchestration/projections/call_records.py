"""What became of each call: when it was asked and answered, by which role, and what it cost."""

from dataclasses import dataclass

from ...agents.upcasting import UPCASTERS
from ...storage.event import Event
from ...storage.redaction import is_redacted

LOST = "(redacted)"
"""The role of a call whose request was blanked."""
_WRITER = "reference"


@dataclass(slots=True)
class CallRecord:
    """One call. Times are in seconds of the run's own clock (see `Account.clock`)."""

    id: str
    seq: int
    cause: str | None
    """The id of the message because of which it was asked."""
    role: str
    about: str
    began: float
    ended: float | None = None
    """None as long as there is no reply."""
    latency: float = 0.0
    """As the model's side measured it, without the wait for a free slot; 0 for a reused reply."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    attempts: int = 0
    reused: bool = False
    failures: int = 0
    """How often it ended without a reply."""
    asked: str = ""
    """The text of the request; kept of proposals only, since answers to examples are many."""
    replied: str = ""
    """The text of the reply, likewise."""

    @property
    def tokens(self) -> int:
        """Of request and reply; none for a reused reply."""
        return self.prompt_tokens + self.completion_tokens


class CallRecords:
    """The calls of a run, filled in as the events come."""

    def __init__(self) -> None:
        self.by_id: dict[str, CallRecord] = {}

    def take(self, event: Event, now: float) -> None:
        """Take in an event whose kind begins with "call."; `now` is the time of it."""
        if event.kind == "call.requested":
            # A call that a resumed run asks again is not journalled again.
            self.by_id[event.id] = _asked(event, now)
            return
        call = self.by_id.get(event.cause or "")
        if call is None:
            return
        if event.kind == "call.failed":
            call.failures += 1
        else:
            call.ended = now
        if not is_redacted(event):
            _charge(call, event)


def _asked(event: Event, now: float) -> CallRecord:
    if is_redacted(event):
        return CallRecord(event.id, event.seq, event.cause, LOST, "", now)
    data = UPCASTERS.payload(event)
    call = CallRecord(event.id, event.seq, event.cause, data["model"], data["about"], now)
    if call.role == _WRITER:
        call.asked = "\n\n".join(turn["content"] for turn in data["request"]["messages"])
    return call


def _charge(call: CallRecord, event: Event) -> None:
    data = UPCASTERS.payload(event)
    call.attempts += data["attempts"]
    if event.kind == "call.failed":
        return
    call.reused = bool(data["reused"])
    if call.role == _WRITER:
        call.replied = data["reply"]["text"]
    if not call.reused:
        call.latency = data["latency"]
        call.prompt_tokens = data["reply"]["prompt_tokens"]
        call.cached_tokens = data["reply"].get("cached_tokens", 0)
        call.completion_tokens = data["reply"]["completion_tokens"]
