"""The prompts of the verdict with their measures on the held-out examples."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...agents.messages.scores import Measure
from ...agents.scoring.objective import MAIN
from .held_out import AnswerPair, PairChange, finalists
from .history import RunHistory

_UNMEASURED = Measure(value=None, n=0)


@dataclass(frozen=True, slots=True)
class Finalist:
    """A prompt of the verdict with its measures on the held-out examples; intervals are of 95%."""

    role: str
    id: str
    operator: str
    text: str
    metric: float | None
    """The main metric."""
    metric_low: float | None
    metric_high: float | None
    composite: float | None
    """The composite score; None if the main metric decides."""
    examples: int


def finalists_of(history: RunHistory) -> list[Finalist]:
    """Return the prompts of the verdict, or an empty list before there is one.

    A finalist whose score was redacted is left out.
    """
    finals = history.state.finals
    found = []
    for role, id_ in finalists(history).items():
        if id_ not in finals or id_ not in history.candidates:
            continue
        candidate, final = history.candidates[id_], finals.score(id_)
        # Of a finalist none of whose examples could be evaluated, nothing was measured.
        metric = final.measures.get(MAIN, _UNMEASURED)
        found.append(
            Finalist(
                role=role,
                id=id_,
                operator=candidate.operator,
                text=candidate.text,
                metric=metric.value,
                metric_low=metric.low,
                metric_high=metric.high,
                composite=final.composite if history.state.composite else None,
                examples=finals.examples(id_),
            )
        )
    return found


def change_counts(pairs: Iterable[AnswerPair]) -> dict[PairChange, int]:
    """Return the number of held-out examples for each change, in the order in which they are shown."""
    counts: dict[PairChange, int] = dict.fromkeys(("gained", "lost", "both right", "both wrong"), 0)
    for pair in pairs:
        counts[pair.change] += 1
    return counts
