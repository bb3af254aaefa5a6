"""Decode messages only as far as a view of a long log needs them.

The outcomes of the examples are most of the bytes of a log beside its calls. Decoding each of them would
take most of the time until the first screen, and a view needs them only if an example was excluded.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

import orjson

from ...agents.messages import Message, PromptScored, ScoringRequested
from ...agents.messages.scores import Outcome, Score
from ...prompts.candidate import Candidate
from ...storage.event import Event
from .decoding import message_for, readable
from .run_state import RunState

_UNUSED = {"proposals.made", "reply.unparsed", "merge.requested", "merge.made"}
"""Kinds that change nothing in a view."""
# In JSON a quotation mark inside a string is escaped, so these bytes are always names of fields.
_OUTCOMES, _AFTER_OUTCOMES, _EXAMPLE = b'"outcomes":[', b'],"prompt_tokens":', b'"example":'


class StoredOutcomes(Sequence[Outcome]):
    """Outcomes of a `prompt.scored` message, decoded when one is first read; their number is known."""

    def __init__(self, stored: bytes) -> None:
        self._stored = stored
        self._decoded: tuple[Outcome, ...] | None = None

    def __len__(self) -> int:
        return self._stored.count(_EXAMPLE)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Outcome]: ...
    def __getitem__(self, index: int | slice) -> Outcome | Sequence[Outcome]:
        return self._all()[index]

    def _all(self) -> tuple[Outcome, ...]:
        if self._decoded is None:
            values = orjson.loads(b"".join((b"[", self._stored, b"]")))
            self._decoded = tuple(map(Outcome.model_validate, values))
        return self._decoded


def partly_decoded(event: Event, read: Callable[[Event], Message | None] = readable) -> Message | None:
    """Return a message for `RunState.apply` alone: its outcomes are counted and otherwise left as stored.

    What cannot be decoded in this way is decoded whole by `read`.
    """
    if event.kind in _UNUSED:
        return None
    decode = _DECODERS.get((event.kind, event.schema))
    try:
        return decode(event.data) if decode and event.data else read(event)
    except ValueError:
        return read(event)


def state_after(messages: Iterable[Event]) -> RunState:
    """Return the state after these messages. Raises `LogUnreadable` if one cannot be decoded."""
    state = RunState()
    for event in messages:
        state.apply(event, partly_decoded(event, message_for))
    return state


def _scoring_requested(stored: bytes) -> ScoringRequested:
    data = orjson.loads(stored)
    data["candidate"] = Candidate.model_validate(data["candidate"])
    return ScoringRequested.model_construct(**data)


def _prompt_scored(stored: bytes) -> PromptScored:
    head, _, rest = stored.partition(_OUTCOMES)
    outcomes, _, tail = rest.rpartition(_AFTER_OUTCOMES)
    data = orjson.loads(b"".join((head, _OUTCOMES, _AFTER_OUTCOMES, tail)))
    data["score"] = Score.model_validate(data["score"])
    data["outcomes"] = StoredOutcomes(outcomes)
    return PromptScored.model_construct(**data)


_DECODERS: dict[tuple[str, int], Callable[[bytes], Message]] = {
    ("prompt.scored", PromptScored.SCHEMA): _prompt_scored,
    ("scoring.requested", ScoringRequested.SCHEMA): _scoring_requested,
}
