"""Every model call of a run: its times, its role and its tokens."""

from dataclasses import dataclass

from ...agents.call_events import PROGRAMS
from ...agents.messages import BackendProbed
from ...agents.upcasting import UPCASTERS
from ...prompts.content_parts import stored_text
from ...storage.event import Event
from ...storage.redaction import is_redacted
from .executions import is_execution

REDACTED = "(redacted)"
"""Role of a call whose request was blanked."""
_WRITER = "reference"
_OUTCOMES = ("call.finished", "call.failed")


def subject(prompt: str, example: str) -> str:
    """Return what the scorer says a call is about that answers an example with a prompt, both by id."""
    return f"{prompt} / {example}"


@dataclass(slots=True)
class CallRecord:
    """One call. Times are in seconds of the run's clock."""

    id: str
    seq: int
    cause: str | None
    """Id of the message that led to the call."""
    role: str
    about: str
    began: float
    ended: float | None = None
    """None until there is a reply."""
    latency: float = 0.0
    """Seconds from sending to reply, without the wait for a slot; 0 for a reused reply."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    attempts: int = 0
    reused: bool = False
    cut: bool = False
    """Whether the reply ended at the token limit."""
    failures: int = 0
    """Number of times it ended without a reply."""
    asked: str = ""
    """Text of the request; kept for proposals only, since answers to examples are many."""
    replied: str = ""
    """Text of the reply; kept for proposals only."""

    @property
    def executes(self) -> bool:
        """True for an execution of a program, which is no model call: the calls it makes are."""
        return self.role == PROGRAMS

    @property
    def tokens(self) -> int:
        """Tokens of request and reply; 0 for a reused reply."""
        return self.prompt_tokens + self.completion_tokens


class CallRecords:
    """The calls of a run by id, probes of the backend and executions of programs included."""

    def __init__(self) -> None:
        self.by_id: dict[str, CallRecord] = {}

    @property
    def of_models(self) -> list[CallRecord]:
        """The calls of models: all but the executions of programs."""
        return [call for call in self.by_id.values() if not call.executes]

    def apply(self, event: Event, now: float) -> None:
        """Take in an event whose kind begins with "call."; `now` is the running time at it."""
        if event.kind == "call.requested":
            # A call that a resumed run asks again is not journalled a second time.
            self.by_id[event.id] = _requested(event, now)
            return
        call = self.by_id.get(event.cause or "")
        if call is None or event.kind not in _OUTCOMES:
            return
        if event.kind == "call.failed":
            call.failures += 1
        else:
            call.ended = now
            if call.role == REDACTED:
                call.role = event.sender.partition("/")[2]
        if not is_redacted(event):
            _charge(call, event)

    def apply_probe(self, event: Event, message: BackendProbed, now: float) -> None:
        """Take in a probe, which is paid like a call."""
        self.by_id[event.id] = CallRecord(
            id=event.id,
            seq=event.seq,
            cause=event.cause,
            role=message.model,
            about="probe",
            began=now,
            ended=now if message.alive else None,
            prompt_tokens=message.prompt_tokens,
            completion_tokens=message.completion_tokens,
            attempts=message.attempts,
            failures=int(not message.alive),
        )


def _requested(event: Event, now: float) -> CallRecord:
    if is_redacted(event):
        role = PROGRAMS if is_execution(event) else REDACTED
        return CallRecord(event.id, event.seq, event.cause, role, "", now)
    data = UPCASTERS.payload(event)
    call = CallRecord(event.id, event.seq, event.cause, data["model"], data["about"], now)
    if call.role == _WRITER:
        call.asked = "\n\n".join(stored_text(turn["content"]) for turn in data["request"]["messages"])
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
        call.cut = data["reply"]["finish"] == "length"
        call.prompt_tokens = data["reply"]["prompt_tokens"]
        call.cached_tokens = data["reply"].get("cached_tokens", 0)
        call.completion_tokens = data["reply"]["completion_tokens"]
