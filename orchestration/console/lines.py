"""The conversation of the agents as lines of text. Of the model calls only failed ones have a line."""

from rich.console import RenderableType
from rich.text import Text

from ...agents.call_events import CALL_KINDS
from ...agents.messages import (
    CallAttempted,
    CallFailed,
    CandidateRejected,
    CandidateStopped,
    GoldDoubted,
    HandlerFailed,
    Message,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    RaceFinished,
    ReplyUnparsed,
    RunFailed,
    RunFinished,
    RunStarted,
    ScoringRequested,
    StageFinished,
    TaskLoaded,
)
from ...agents.messages.base import plural
from ...prompts.candidate import Candidate
from ...storage.event import Event
from ..projections.race_totals import stopped_in
from .formatting import HangingIndent, Spoken, colour, row, short_name
from .visible import one_line

_NAMES = 20
"""Width of "curator -> reference", so that the texts of all lines begin in one column."""
_NAMED = 2
"""Most recipients that a line names; a run has three roles, or some more."""
_NOTE = 300
"""Length to which a race's note is cut, such as the reason for refusing the winner."""

_InAStep = (
    ProposalsRequested | ProposalsMade | ScoringRequested | PromptScored | CandidateStopped | RaceFinished
)


def lines(event: Event, message: Message | None) -> list[RenderableType]:
    """Return the lines to print for one event: none for a call, several for new candidates.

    Without its message the line says that it was redacted, or that this version cannot read it. Lines shorten
    themselves to the width at which they are printed. Errors and the verdict are wrapped instead, because
    they must be read to the end.
    """
    if message is None:
        return [] if event.kind in CALL_KINDS else [_unreadable(event)]
    said = _said(event, message)
    if isinstance(message, ProposalsMade):
        return [said, *map(_proposal, message.candidates)]
    return [said]


def wording(event: Event, message: Message | None) -> str:
    """Return the meaning of an event on one line."""
    if message is None:
        return f"{one_line(event.kind)} ({'this version cannot read it' if event.data else 'redacted'})"
    return sentence(message)


def sentence(message: Message) -> str:
    """Return the meaning of a message on one line."""
    return one_line(_sentence(message))


def left_out(count: int) -> Text:
    """Return the line that stands for `count` messages which are not shown."""
    return row((f"({count:,} earlier messages are not shown)", "dim"))


def recipients(event: Event) -> str:
    """Return the short names of those to whom an event is sent."""
    return ", ".join(map(short_name, event.recipients)) or "all"


def _unreadable(event: Event) -> RenderableType:
    return spoken(event, Text(wording(event, None), "yellow"))


def _said(event: Event, message: Message) -> RenderableType:
    text = Text(wording(event, message), style=style_of(message))
    if isinstance(message, CallFailed | RunFailed | HandlerFailed | RunFinished):
        return HangingIndent(_head(event), text)
    return spoken(event, text)


def spoken(event: Event, text: Text) -> Spoken:
    """Return the line of an event with this text."""
    sender = Text(short_name(event.sender), colour(event.sender))
    return Spoken(_head(event), sender, text)


def _head(event: Event) -> Text:
    """Return the beginning of a line: time, sender and recipients, of which more than two are "all"."""
    to = recipients(event) if len(event.recipients) <= _NAMED else "all"
    sender = short_name(event.sender)
    gap = " " * max(1, _NAMES + 1 - len(f"{sender} -> {to}"))
    tint = colour(event.recipients[0]) if len(event.recipients) == 1 else ""
    return row(
        (f"{event.time.astimezone():%H:%M:%S} ", "dim"),
        (sender, colour(event.sender)),
        (" -> ", "dim"),
        (to, tint),
        gap,
    )


def _proposal(candidate: Candidate) -> Text:
    return row(
        " " * 9, (candidate.id, "bold"), f"  {one_line(candidate.operator):<12} ", one_line(candidate.text)
    )


def _sentence(message: Message) -> str:
    """Return what a person reads about a message; a narrow screen cuts off its end."""
    match message:
        case RunStarted():
            return _start(message)
        case TaskLoaded(task=task):
            sizes = f"{len(task.train)} train, {len(task.dev)} dev, {len(task.test)} held-out examples"
            return f"{message.stage} task {task.name}: {sizes}"
        case ProposalsRequested():
            return f"{of_step(message)}propose {plural(message.count, 'prompt')}"
        case ProposalsMade():
            failed = f", {plural(message.failed, 'failed call')}" if message.failed else ""
            return f"{of_step(message)}{plural(len(message.candidates), 'prompt')} proposed{failed}"
        case ScoringRequested():
            examples = plural(len(message.examples), f"{split_name(message.split)} example")
            return f"{of_step(message)}score {message.candidate.id} on {examples} of {message.task}"
        case PromptScored():
            return _score(message)
        case CandidateStopped():
            after = plural(message.seen, "example")
            return f"{of_step(message)}{message.candidate} stopped after {after}: {message.reason}"
        case RaceFinished():
            return _race(message)
        case StageFinished():
            return f"{message.stage} stage done: {message.best.candidate.id} is the best ({message.reason})"
    return message.gist()


def of_step(message: _InAStep) -> str:
    """Return the step of a message as the beginning of a sentence; the first race is the start."""
    if isinstance(message, ScoringRequested | PromptScored) and message.purpose == "final":
        return "verdict: "
    return f"step {message.step}: " if message.step else "start: "


def split_name(split: str) -> str:
    """Return the name of a split as people know it."""
    return "held-out" if split == "test" else split


def _start(message: RunStarted) -> str:
    sources = f", after learning from {', '.join(message.source_tasks)}" if message.source_tasks else ""
    return f"start {message.name}: find a prompt for {', '.join(message.target_tasks)}{sources}"


def _score(message: PromptScored) -> str:
    examples = plural(message.seen, f"{split_name(message.split)} example")
    return f"{of_step(message)}{message.candidate} scores {message.shown()} on {examples} of {message.task}"


def _race(message: RaceFinished) -> str:
    best = f"{message.winner} becomes" if message.winner else f"{message.against} stays"
    stopped = f"{stopped_in(message)} of {len(message.results)} stopped"
    notes = "".join(f"; {note[:_NOTE]}" for note in (message.refused, message.kept) if note)
    return f"{of_step(message)}{best} the best prompt; {stopped}{notes}"


def style_of(message: Message) -> str:
    """Return the Rich style of a message's text."""
    match message:
        case CallFailed() | RunFailed() | HandlerFailed():
            return "bold red"
        case RunFinished():
            return "bold green" if message.improved else "bold"
        case StageFinished() | PromptPromoted() | RaceFinished():
            return "bold"
        case CallAttempted() | CandidateRejected() | CandidateStopped() | GoldDoubted() | ReplyUnparsed():
            return "dim"
    return ""
