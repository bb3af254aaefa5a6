"""Reading a run whole: every message with its moment, every call with its outcome, and where it ended."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from ...agents.messages import Message, PromptScored, RunStarted, ScoringRequested, TaskLoaded
from ...agents.messages.codec import decode
from ...prompts.candidate import Candidate
from ...prompts.task import Example, Task
from ...storage.errors import UnknownRun
from ...storage.event import Event
from ...storage.reader import Reader
from ...storage.redaction import PayloadRedacted, is_redacted
from .call_records import CallRecords
from .leaderboard import held_out
from .run_state import RunState

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """A message where it was committed. `clock` is in seconds since the run began, interruptions left out."""

    seq: int
    id: str
    cause: str | None
    sender: str
    clock: float
    tokens: int
    """What all calls that had ended by then have cost."""
    message: Message


@dataclass(slots=True)
class RunHistory:
    """A run as its log tells it. What was redacted is left out and counted in `redacted`."""

    run: str
    opening: RunStarted
    view: RunState = field(default_factory=RunState)
    tasks: dict[str, Task] = field(default_factory=dict)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    """Every prompt of the run, in the order in which they came up."""
    said: list[LoggedMessage] = field(default_factory=list)
    calls: CallRecords = field(default_factory=CallRecords)
    seq: int = 0
    """Of the last event."""
    hash: str = ""
    """Of the last event, in hexadecimal: it stands for the whole run."""
    redacted: int = 0
    _examples: dict[tuple[str, str], Example] = field(default_factory=dict)

    def of(self, kind: type[M]) -> Iterator[tuple[LoggedMessage, M]]:
        """All messages of one kind, in order."""
        for said in self.said:
            if isinstance(said.message, kind):
                yield said, said.message

    def example(self, task: str, id_: str) -> Example | None:
        """One example of a task; None where it was redacted or never there."""
        return self._examples.get((task, id_))

    def finals(self) -> dict[str, PromptScored]:
        """Id of each finalist -> its score on the held-out examples."""
        return {m.candidate: m for _, m in self.of(PromptScored) if held_out(m)}

    def prompt(self, name: str) -> Candidate:
        """The prompt with the id `name`, or whose id begins so; "best" is the one to use.

        Raises `UnknownRun` where there is none, or more than one.
        """
        if name == "best" and self.view.winner:
            return self.view.winner
        if name in self.candidates:
            return self.candidates[name]
        found = [id_ for id_ in self.candidates if id_.startswith(name)]
        if len(found) == 1:
            return self.candidates[found[0]]
        what = f"fits several prompts ({', '.join(found[:8])})" if found else "is no prompt"
        raise UnknownRun(f"{name!r} {what} of run {self.run}. `tp show {self.run} --tree` lists them all.")

    def take(self, event: Event) -> None:
        """Take in the next event of the run."""
        self.seq, self.hash = event.seq, event.hash.hex()
        if is_redacted(event):
            self.redacted += 1
        if event.kind.startswith("call."):
            self.view.feed(event, decode(event) if event.kind == "call.failed" and event.data else None)
            self.calls.take(event, self.view.elapsed)
            return
        message = None if is_redacted(event) else decode(event)
        self.view.feed(event, message)
        if message is None:
            return
        tokens = self.view.calls.prompt_tokens + self.view.calls.completion_tokens
        self.said.append(
            LoggedMessage(event.seq, event.id, event.cause, event.sender, self.view.elapsed, tokens, message)
        )
        if isinstance(message, TaskLoaded):
            self._load(message.task)
        for candidate in _candidates(message):
            self.candidates.setdefault(candidate.id, candidate)

    def _load(self, task: Task) -> None:
        self.tasks[task.name] = task
        for example in (*task.train, *task.dev, *task.test):
            self._examples[task.name, example.id] = example


def gather(reader: Reader, run: str) -> RunHistory:
    """Read `run`, by its full name. Raises `PayloadRedacted` where its opening message is gone."""
    events = reader.read(run)
    first = next(events, None)
    if first is None or first.kind != "run.started":
        raise UnknownRun(f"Run {run} does not begin with run.started: it was not written by this program.")
    if is_redacted(first):
        raise PayloadRedacted(first)
    opening = decode(first)
    assert isinstance(opening, RunStarted)
    account = RunHistory(run, opening)
    account.take(first)
    for event in events:
        account.take(event)
    return account


def _candidates(message: Message) -> list[Candidate]:
    """The prompts that a message introduces."""
    found = [*getattr(message, "population", ()), *getattr(message, "candidates", ())]
    if isinstance(message, ScoringRequested):
        found.append(message.candidate)
    return found
