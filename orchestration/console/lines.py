"""The conversation as lines: who says what to whom. Of the calls only failed ones are told unasked."""

import re

from rich.console import RenderableType
from rich.text import Text

from ...agents.call_events import CALL_KINDS
from ...agents.messages import (
    CallFailed,
    CandidateRejected,
    CandidateStopped,
    HandlerFailed,
    Message,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    RaceFinished,
    ReplyUnparsed,
    RunFailed,
    RunFinished,
    ScoringRequested,
    StageFinished,
)
from ...agents.messages.codec import decode
from ...prompts.candidate import Candidate
from ...storage.errors import LogUnreadable
from ...storage.event import Event
from .words import Hanging, colour, number, one_line, row, short_name

_WHO = 20
"""Width of "curator -> reference": what is said begins below what was said before."""
_ID_FIRST = re.compile(r"(p[0-9a-f]{8}) (stopped|rejected|judged|promoted)\b")


def lines(event: Event, message: Message | None) -> list[RenderableType]:
    """The lines to print for one event: none for calls, several for new prompts.

    Without its message a line says that it was redacted, or that this version cannot read it.
    They shorten themselves to the width they are printed at; only errors and the verdict are wrapped,
    because they must be read to the end.
    """
    if message is None:
        return [] if event.kind in CALL_KINDS else [_unread(event)]
    spoken = _spoken(event, message)
    if isinstance(message, ProposalsMade):
        return [spoken, *map(_proposal, message.candidates)]
    return [spoken]


def message_of(event: Event) -> Message | None:
    """The message of any event, calls included; None where it was redacted or this version cannot read it."""
    try:
        return decode(event) if event.data else None
    except LogUnreadable:
        return None


def wording(event: Event, message: Message | None) -> str:
    """What an event means, on one line."""
    if message is None:
        return f"{event.kind} ({'this version cannot read it' if event.data else 'redacted'})"
    return one_line(_words(message))


def left_out(count: int) -> Text:
    """Instead of so many messages."""
    return row((f"({count:,} earlier messages are not shown)", "dim"))


def recipients(event: Event) -> str:
    """Whom an event is for, in words."""
    return ", ".join(map(short_name, event.recipients)) or "all"


def _unread(event: Event) -> RenderableType:
    return _head(event).append(wording(event, None), "yellow")


def _spoken(event: Event, message: Message) -> RenderableType:
    words = Text(wording(event, message), style=_tone(message))
    if isinstance(message, CallFailed | RunFailed | HandlerFailed | RunFinished):
        return Hanging(_head(event), words)
    return _head(event).append_text(words)


def _head(event: Event) -> Text:
    to = recipients(event)
    sender = short_name(event.sender)
    gap = " " * max(1, _WHO + 1 - len(f"{sender} -> {to}"))
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
        " " * 9, (candidate.id, "bold"), f"  {one_line(candidate.operator):<9} ", one_line(candidate.text)
    )


def _words(message: Message) -> str:
    if isinstance(message, PromptScored):
        # The numbers come first: a narrow screen cuts off the end.
        accuracy = number(message.score.value("accuracy"))
        on = f"{message.seen} {'held-out' if message.split == 'test' else message.split}"
        about = f"on {on} of {message.task}: {message.candidate}"
        return f"score {message.score.composite:.3f}, accuracy {accuracy} {about}"
    if isinstance(message, ScoringRequested):
        examples = f"{len(message.examples)} {message.split} examples of {message.task}"
        return f"score on {examples}: {message.candidate.id}"
    # What happened comes before the name of whom it happened to.
    return _ID_FIRST.sub(r"\2 \1", message.gist(), count=1)


def _tone(message: Message) -> str:
    match message:
        case CallFailed() | RunFailed() | HandlerFailed():
            return "bold red"
        case RunFinished():
            return "bold green" if message.improved else "bold"
        case StageFinished() | PromptPromoted() | RaceFinished():
            return "bold"
        case CandidateRejected() | CandidateStopped() | ReplyUnparsed():
            return "dim"
    return ""
