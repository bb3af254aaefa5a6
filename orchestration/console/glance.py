"""Messages of a long backlog, read no further than a view needs: it only counts the examples in them.

The outcomes of the examples are most of what a log says beside its calls, and checking each of them takes
most of the time until the first screen.
"""

import orjson

from ...agents.messages import Message, PromptScored, ScoringRequested
from ...agents.scores import Score
from ...prompts.candidate import Candidate
from ...storage.event import Event
from ..view import readable

_UNSEEN = {"proposals.made", "reply.unparsed"}
"""Kinds that change nothing in a view."""


def glance(event: Event) -> Message | None:
    """A message for `RunView.feed` alone: its examples are counted right and otherwise left as stored."""
    if not event.data or event.kind in _UNSEEN:
        return None
    if event.kind == "prompt.scored" and event.schema == PromptScored.SCHEMA:
        data = orjson.loads(event.data)
        return PromptScored.model_construct(**data | {"score": Score.model_validate(data["score"])})
    if event.kind == "scoring.requested" and event.schema == ScoringRequested.SCHEMA:
        data = orjson.loads(event.data)
        return ScoringRequested.model_construct(
            **data | {"candidate": Candidate.model_validate(data["candidate"])}
        )
    return readable(event)
