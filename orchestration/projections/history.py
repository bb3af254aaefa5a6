"""A run read as a whole: every message with its time, every call, and the state at the end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from ...agents.messages import (
    BackendProbed,
    Message,
    RunFinished,
    RunStarted,
    ScoringRequested,
    StageFinished,
    TaskLoaded,
)
from ...agents.messages.codec import decode
from ...prompts.candidate import Candidate
from ...prompts.task import Example, Task
from ...storage.errors import UnknownRun
from ...storage.event import Event
from ...storage.hints import command
from ...storage.reader import Reader
from ...storage.redaction import PayloadRedacted, is_redacted
from .call_records import CallRecords
from .run_state import RunState

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """A message with its place in the log."""

    seq: int
    id: str
    cause: str | None
    sender: str
    clock: float
    """Running time of the run in seconds."""
    tokens: int
    """Tokens of all replies up to this message."""
    evaluations: int
    """Development examples answered up to this message."""
    message: Message


@dataclass(slots=True)
class RunHistory:
    """A whole run. Redacted payloads are left out and counted in `redacted`."""

    run: str
    opening: RunStarted
    state: RunState = field(default_factory=RunState)
    tasks: dict[str, Task] = field(default_factory=dict)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    """Every prompt of the run by id, in the order of first mention."""
    messages: list[LoggedMessage] = field(default_factory=list)
    calls: CallRecords = field(default_factory=CallRecords)
    seq: int = 0
    """Seq of the last event."""
    hash: str = ""
    """Hash of the last event in hexadecimal; it identifies the whole run."""
    redacted: int = 0
    _examples: dict[tuple[str, str], Example] = field(default_factory=dict)

    def of(self, kind: type[M]) -> Iterator[tuple[LoggedMessage, M]]:
        """Yield all messages of one kind, in order."""
        for logged in self.messages:
            if isinstance(logged.message, kind):
                yield logged, logged.message

    def example(self, task: str, id_: str) -> Example | None:
        """Return an example of a task; None if it was redacted or never existed."""
        return self._examples.get((task, id_))

    def prompt(self, name: str) -> Candidate:
        """Return the prompt whose id is `name` or begins with it; "best" is the prompt to use.

        Raises `UnknownRun` if there is none, or more than one.
        """
        if name == "best" and self.state.winner:
            return self.state.winner
        if name in self.candidates:
            return self.candidates[name]
        found = [id_ for id_ in self.candidates if id_.startswith(name)]
        if len(found) == 1:
            return self.candidates[found[0]]
        what = f"fits several prompts ({', '.join(found[:8])})" if found else "is no prompt"
        tree = command("show", self.run, options=["--tree"])
        raise UnknownRun(f"{name!r} {what} of run {self.run}. `{tree}` lists them all.")

    def apply(self, event: Event) -> None:
        """Take in the next event of the run."""
        self.seq, self.hash = event.seq, event.hash.hex()
        self.redacted += is_redacted(event)
        is_call = event.kind in ("call.requested", "call.finished")
        message = None if is_call or is_redacted(event) else decode(event)
        self.state.apply(event, message)
        if event.kind.startswith("call."):
            self.calls.apply(event, self.state.elapsed)
            return
        if message is None:
            return
        if isinstance(message, BackendProbed):
            self.calls.apply_probe(event, message, self.state.elapsed)
        self.messages.append(self._logged(event, message))
        if isinstance(message, TaskLoaded):
            self._load(message.task)
        for candidate in _candidates(message):
            self.candidates.setdefault(candidate.id, candidate)

    def _logged(self, event: Event, message: Message) -> LoggedMessage:
        state, spending = self.state, self.state.spending
        return LoggedMessage(
            seq=event.seq,
            id=event.id,
            cause=event.cause,
            sender=event.sender,
            clock=state.elapsed,
            tokens=spending.prompt_tokens + spending.completion_tokens,
            evaluations=state.evaluations,
            message=message,
        )

    def _load(self, task: Task) -> None:
        self.tasks[task.name] = task
        for example in (*task.train, *task.dev, *task.test):
            self._examples[task.name, example.id] = example


def read_history(reader: Reader, run: str) -> RunHistory:
    """Read the run with the full name `run`.

    Raises `UnknownRun` if there is none, and `PayloadRedacted` if its opening message is gone.
    """
    events = reader.read(run)
    history = begin_history(run, next(events, None))
    for event in events:
        history.apply(event)
    return history


def begin_history(run: str, first: Event | None) -> RunHistory:
    """Return the history of a run up to its `first` event. Raises as `read_history` does."""
    if first is None or first.kind != "run.started":
        raise UnknownRun(f"Run {run} does not begin with run.started: it was not written by this program.")
    if is_redacted(first):
        raise PayloadRedacted(first)
    opening = decode(first)
    assert isinstance(opening, RunStarted)
    history = RunHistory(run, opening)
    history.apply(first)
    return history


def _candidates(message: Message) -> list[Candidate]:
    """Return the prompts that a message mentions whole."""
    found = [*getattr(message, "population", ()), *getattr(message, "candidates", ())]
    if isinstance(message, ScoringRequested):
        found.append(message.candidate)
    # The messages that proposed the winners may have been redacted.
    if isinstance(message, StageFinished):
        found.append(message.best.candidate)
    if isinstance(message, RunFinished):
        found += [message.best, message.initial, *([message.control] if message.control else [])]
    return found
