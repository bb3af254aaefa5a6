"""Messages of a long backlog, read no further than a view needs: it only counts the examples in them.

The outcomes of the examples are most of what a log says beside its calls, and reading each of them would
take most of the time until the first screen.
"""

from collections.abc import Callable, Iterable

import orjson

from ...agents.messages import Message, PromptScored, ScoringRequested
from ...agents.messages.scores import Score
from ...prompts.candidate import Candidate
from ...storage.event import Event
from .run_state import RunState, message_for, readable

_UNSEEN = {"proposals.made", "reply.unparsed"}
"""Kinds that change nothing in a view."""
# In JSON a quote within a text is escaped: these bytes are names of fields, wherever they stand.
_OUTCOMES, _BEHIND, _OUTCOME = b'"outcomes":[', b'],"prompt_tokens":', b'"example":'


def glance(event: Event, read: Callable[[Event], Message | None] = readable) -> Message | None:
    """A message for `RunState.feed` alone: its examples are counted right and otherwise left as stored.

    What cannot be glanced at is read whole by `read`.
    """
    if event.kind in _UNSEEN:
        return None
    glancing = _GLANCES.get((event.kind, event.schema))
    try:
        return glancing(event.data) if glancing and event.data else read(event)
    except ValueError:
        return read(event)


def glanced(said: Iterable[Event]) -> RunState:
    """The view of messages of a run. Raises `LogUnreadable` where one cannot be read."""
    view = RunState()
    for event in said:
        view.feed(event, glance(event, message_for))
    return view


def _asked(stored: bytes) -> ScoringRequested:
    data = orjson.loads(stored)
    data["candidate"] = Candidate.model_validate(data["candidate"])
    return ScoringRequested.model_construct(**data)


def _scored(stored: bytes) -> PromptScored:
    head, _, rest = stored.partition(_OUTCOMES)
    outcomes, _, tail = rest.rpartition(_BEHIND)
    data = orjson.loads(b"".join((head, _OUTCOMES, _BEHIND, tail)))
    data["score"] = Score.model_validate(data["score"])
    data["outcomes"] = range(outcomes.count(_OUTCOME))
    return PromptScored.model_construct(**data)


_GLANCES: dict[tuple[str, int], Callable[[bytes], Message]] = {
    ("prompt.scored", PromptScored.SCHEMA): _scored,
    ("scoring.requested", ScoringRequested.SCHEMA): _asked,
}
