"""The fold of a log into its experience. It reads messages of the conversation alone, and no calls.

Answers to held-out examples never enter: a run that took lessons from them would be tested on what it knows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ....agents.messages import (
    ExperienceApplied,
    Message,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    RaceFinished,
    RunStarted,
    ScoringRequested,
    StageFinished,
    StageStarted,
    TaskLoaded,
)
from ....prompts.candidate import Candidate
from ....storage.event import Event
from ....storage.reader import Reader
from ....storage.redaction import is_redacted
from ..decoding import readable
from .group import Group, GroupKey, Place

KINDS = (
    "run.started",
    "task.loaded",
    "stage.started",
    "proposals.made",
    "prompt.promoted",
    "experience.applied",
    "scoring.requested",
    "prompt.scored",
    "race.finished",
    "stage.finished",
)
"""Kinds of the events that the fold reads."""


@dataclass(slots=True)
class _Run:
    """What is known of a run so far."""

    model: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    """Task -> digest."""
    groups: dict[str, Group] = field(default_factory=dict)
    """Task -> group that its answers belong to."""
    stage: tuple[str, ...] = ()
    """Tasks of the present stage."""
    candidates: dict[str, tuple[Candidate, Place]] = field(default_factory=dict)
    """Candidate -> its text, and the event that brought it."""


class Experience:
    """The experience of one or more logs, by model and kind of task."""

    def __init__(self) -> None:
        self.groups: dict[GroupKey, Group] = {}
        self.redacted = 0
        """Number of events that tell nothing, because their payload was redacted or cannot be read."""
        self._runs: dict[str, _Run] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event of its run."""
        if event.kind not in KINDS:
            return
        message = None if is_redacted(event) else readable(event)
        if message is None:
            self.redacted += 1
            return
        self._apply(message, Place(event.run, event.seq), self._runs.setdefault(event.run, _Run()))

    def read(self, reader: Reader, run: str | None = None) -> None:
        """Take in all runs of a log, or one `run`."""
        for name in [run] if run else [one.run for one in reader.runs()]:
            for event in reader.read(name, kinds=KINDS):
                self.apply(event)

    def brought(self, run: str) -> list[tuple[Candidate, Place]]:
        """Return the prompts of a run in order, each with the event that brought it."""
        return list(self._runs[run].candidates.values()) if run in self._runs else []

    def _apply(self, message: Message, place: Place, run: _Run) -> None:
        match message:
            case RunStarted():
                run.model = message.models.get("scorer", "")
            case TaskLoaded():
                self._load(message, run)
            case StageStarted():
                run.stage = message.tasks
                _bring(run, place, message.population)
            case ProposalsMade():
                _bring(run, place, message.candidates)
            case PromptPromoted():
                _bring(run, place, [message.as_candidate])
            case ScoringRequested() | ExperienceApplied():
                _bring(run, place, [message.candidate])
            case PromptScored(split="dev"):
                _score(run, place, message)
            case RaceFinished():
                for group in _groups(run):
                    group.operators.add(message)
            case StageFinished():
                for group in _groups(run):
                    group.best.add(message.best.candidate.id)

    def _load(self, message: TaskLoaded, run: _Run) -> None:
        task = message.task
        key = GroupKey(run.model, task.answer.type, task.texts)
        group = self.groups.setdefault(key, Group(key))
        group.tasks[message.digest] = task
        run.digests[task.name], run.groups[task.name] = message.digest, group


def _bring(run: _Run, place: Place, candidates: Iterable[Candidate]) -> None:
    for candidate in candidates:
        run.candidates.setdefault(candidate.id, (candidate, place))


def _score(run: _Run, at: Place, message: PromptScored) -> None:
    # Either is missing if the event that held it was redacted.
    if message.candidate in run.candidates and message.task in run.groups:
        candidate, brought = run.candidates[message.candidate]
        group, digest = run.groups[message.task], run.digests[message.task]
        group.score(candidate, brought, at, digest, message.outcomes)


def _groups(run: _Run) -> list[Group]:
    """Return the groups of the present stage's tasks."""
    return list({id(run.groups[name]): run.groups[name] for name in run.stage if name in run.groups}.values())


def read_experience(readers: Iterable[Reader], run: str | None = None) -> Experience:
    """Return the experience of all runs of the logs, or of one `run`."""
    experience = Experience()
    for reader in readers:
        experience.read(reader, run)
    return experience
