"""What the replies of a run add up to, as the database adds: nearly all events of a log are calls."""

from collections.abc import Callable
from typing import NamedTuple

_NUMBERS = {
    "prompt": ("reply", "prompt_tokens"),
    "cached": ("reply", "cached_tokens"),
    "completion": ("reply", "completion_tokens"),
    "attempts": ("attempts",),
}


class ReplySum(NamedTuple):
    """The replies of one model of one schema. Redacted ones are counted, and have cost nothing."""

    sender: str
    schema: int
    reused: bool
    """Whether they were taken from earlier calls."""
    replies: int
    prompt_tokens: int
    cached_tokens: int
    """Of the prompts, where a provider had them cached; never more than those."""
    completion_tokens: int
    attempts: int


_SUMMED = ("prompt", "CASE WHEN cached > prompt THEN prompt ELSE cached END", "completion", "attempts")


def _sum(number: str) -> str:
    # PostgreSQL makes a decimal of a sum of whole numbers.
    return f"CAST(COALESCE(SUM({number}), 0) AS BIGINT)"


def sums_query(field: Callable[..., str]) -> str:
    """The query for a run and its last version; `field` gives the SQL of a field of the payload."""
    numbers = ", ".join(f"CAST({field(*path)} AS BIGINT) AS {name}" for name, path in _NUMBERS.items())
    return (
        # Materialised, so that no field is looked for twice in the same payload.
        "WITH replies AS MATERIALIZED"
        f" (SELECT sender, schema, {field('reused')} IS NOT NULL AS reused, {numbers} FROM event"
        " WHERE run = ? AND version <= ? AND kind = 'call.finished')"
        f" SELECT sender, schema, reused, COUNT(*), {', '.join(map(_sum, _SUMMED))}"
        " FROM replies GROUP BY sender, schema, reused ORDER BY sender, schema, reused"
    )
