"""What a user asks at the end of a run: my prompt, the best one, the gain, and what an answer costs."""

from dataclasses import dataclass

from ...agents.messages.scores import Measure
from ...agents.scoring.objective import MAIN
from ...prompts.candidate import Candidate
from .run_state import RunState

PRICED_ANSWERS = 1000
"""Number of answers whose price is told, since a single one costs next to nothing."""


@dataclass(frozen=True, slots=True)
class FinalRow:
    """One prompt of the verdict, on the held-out examples."""

    candidate: Candidate
    value: Measure
    """The main metric."""
    tokens: float
    """Mean number of tokens of a request and its reply."""
    price: float | None
    """Money for `PRICED_ANSWERS` answers without a cache; None if the model has no price."""


@dataclass(frozen=True, slots=True)
class FinalTable:
    """The user's own prompt beside the best one."""

    metric: str
    examples: int
    own: FinalRow
    best: FinalRow | None
    """None if the user's own prompt is the best."""
    gain: float
    low: float
    """Lower end of the 95 % interval of the gain."""
    high: float


def final_table(state: RunState) -> FinalTable | None:
    """Return the table of a finished run; None without a result, or if it was redacted."""
    finished = state.finished
    if finished is None or state.no_result or not finished.comparisons:
        return None
    own, best = _row(state, finished.initial), _row(state, finished.best)
    if own is None or best is None:
        return None
    compared = finished.comparisons[0]
    return FinalTable(
        metric=compared.title,
        examples=compared.n,
        own=own,
        best=None if finished.best.id == finished.initial.id else best,
        gain=compared.difference,
        low=compared.low,
        high=compared.high,
    )


def _row(state: RunState, candidate: Candidate) -> FinalRow | None:
    """Return the row of a finalist; None if its score is not in the log any more."""
    if candidate.id not in state.finals:
        return None
    score = state.finals.score(candidate.id)
    value = score.measures.get(MAIN) or Measure(value=score.composite, n=0)
    prompt, completion = state.finals.tokens(candidate.id)
    # The calls of a program may go to several models, which differ in price.
    money = None if state.programs else state.spending.price("scorer", prompt, completion)
    price = None if money is None else money * PRICED_ANSWERS
    return FinalRow(candidate, value, prompt + completion, price)
