"""Token and attempt sums over the replies of a run, computed by the database."""

from typing import NamedTuple

from ...agents.call_events import REPLY
from ...agents.upcasting import UPCASTERS
from ...storage.field_sums import SummedField
from ...storage.reader import Reader

_PROMPT = ("reply", "prompt_tokens")
_UNSETTLED = ("unsettled",)
_FIELDS = (
    SummedField(_PROMPT),
    SummedField(("reply", "cached_tokens"), at_most=_PROMPT),
    SummedField(("reply", "completion_tokens")),
    SummedField(("attempts",)),
    SummedField(_UNSETTLED),
    SummedField(("reply", "finish"), equals="length"),
)


class ReplySum(NamedTuple):
    """The replies of one model in one schema. Redacted replies are counted and cost nothing."""

    sender: str
    schema: int
    reused: bool
    """True if the replies were taken from earlier calls."""
    replies: int
    prompt_tokens: int
    cached_tokens: int
    """Prompt tokens that the provider had cached; never more than `prompt_tokens`."""
    completion_tokens: int
    attempts: int
    unsettled: int
    """Earlier attempts that got no reply and may have been billed."""
    cut: int = 0
    """Replies that ended at the token limit."""


def reply_sums(reader: Reader, run: str, version: int) -> list[ReplySum]:
    """Return the sums over the replies among the first `version` events of `run`."""
    groups = reader.sum_fields(run, REPLY, version, _FIELDS, present=("reused",))
    return [ReplySum(g.sender, g.schema, g.present, g.events, *g.sums) for g in groups]


def unsettled_attempts(reader: Reader, run: str, version: int) -> dict[str, int]:
    """Return the number of attempts that got no reply, by the call that was answered after them."""
    found = reader.with_field_above(run, REPLY, version, _UNSETTLED, 0)
    return {event.cause or "": UPCASTERS.payload(event)["unsettled"] for event in found}
