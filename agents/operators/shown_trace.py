"""The trace of a failing example in a request: steps that rest on the chosen text whole, others in a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...prompts.shortening import shorten
from ..messages.scores import TraceStep

_WHOLE, _LINES, _LINE = 6, 8, 200
"""Greatest numbers of steps that are shown whole and in a line, and most characters of a reply in a line.

What a search has found must stay readable.
"""
_BRIEF = 2, 3, 100
"""The same in a brief request."""
_LEAST = 100
"""Characters that a request or a reply of a whole step has at least."""


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of a program as a request shows it, in one line unless it is `whole`."""

    number: int
    """Place in the trace, from 1."""
    name: str
    """Texts that the step rests on, or else what it is."""
    whole: bool
    asked: str
    """Request without the texts; "" in a line."""
    reply: str
    error: str


def shown_trace(trace: Sequence[TraceStep], part: str, limit: int, *, full: bool) -> tuple[ShownStep, ...]:
    """Return the steps of a trace in their order, whole ones with about `limit` characters together.

    Steps that rest on the text `part` are whole; without a `part`, those that rest on any text.
    """
    most_whole, most_lines, line = (_WHOLE, _LINES, _LINE) if full else _BRIEF
    mine = [at for at, step in enumerate(trace) if (part in step.texts if part else step.texts)]
    whole = mine[:most_whole]
    others = [at for at in range(len(trace)) if at not in mine][:most_lines]
    each = max(_LEAST, limit // max(1, 2 * len(whole)))
    return tuple(
        _whole(at + 1, trace[at], each) if at in whole else _in_a_line(at + 1, trace[at], line)
        for at in sorted((*whole, *others))
    )


def _whole(number: int, step: TraceStep, each: int) -> ShownStep:
    asked, reply = shorten(step.asked, each), shorten(step.reply, each)
    return ShownStep(number, _name(step), True, asked, reply, shorten(step.error, _LEAST))


def _in_a_line(number: int, step: TraceStep, line: int) -> ShownStep:
    reply, error = (shorten(" ".join(text.split()), line) for text in (step.reply, step.error))
    return ShownStep(number, _name(step), False, "", reply, error)


def _name(step: TraceStep) -> str:
    return " and ".join(step.texts) or step.model or "step"
