"""What earlier runs tell of operators: how often their prompts were raced, and how often one won."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

_MOST = 8
"""Greatest weight of earlier runs in a prior, in races. What paid on other tasks is a hint, and few races of
the task itself should outweigh it."""


class OperatorTally(BaseModel):
    """How often the prompts of an operator were raced, and how often one became the best prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operator: str = Field(max_length=200)
    raced: int = Field(ge=1)
    won: int = Field(ge=0)


def evidence_of(tallies: Iterable[OperatorTally]) -> dict[str, tuple[float, float]]:
    """Return operator -> proposals that paid and that did not, `_MOST` together at most."""
    found = {}
    for one in tallies:
        share = min(1.0, one.won / one.raced)
        weight = float(min(_MOST, one.raced))
        found[one.operator] = share * weight, (1 - share) * weight
    return found
