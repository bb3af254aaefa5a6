"""The trace of a failing example in a request: steps that rest on the chosen text whole, others in a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...prompts.shortening import shorten
from ..messages.scores import TraceStep

_WHOLE, _LINES = 6, 8
"""Greatest numbers of steps that are shown whole, and of those that get a line."""
_LINE = 100
"""Most characters of a reply in a line."""
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


def shown_trace(trace: Sequence[TraceStep], part: str, limit: int) -> tuple[ShownStep, ...]:
    """Return the steps of a trace in their order, whole ones with about `limit` characters together.

    Steps that rest on the text `part` are whole; without a `part`, those that rest on any text.
    """
    mine = [at for at, step in enumerate(trace) if (part in step.texts if part else step.texts)]
    whole = mine[:_WHOLE]
    others = [at for at in range(len(trace)) if at not in mine][:_LINES]
    each = max(_LEAST, limit // max(1, 2 * len(whole)))
    return tuple(_step(at + 1, trace[at], each if at in whole else 0) for at in sorted((*whole, *others)))


def _step(number: int, step: TraceStep, each: int) -> ShownStep:
    """Return a step with `each` characters for its request and its reply, or in a line if that is 0."""
    name = " and ".join(step.texts) or step.model or "step"
    if each:
        asked, reply = shorten(step.asked, each), shorten(step.reply, each)
        return ShownStep(number, name, True, asked, reply, shorten(step.error, _LEAST))
    reply, error = (shorten(" ".join(text.split()), _LINE) for text in (step.reply, step.error))
    return ShownStep(number, name, False, "", reply, error)
