"""All measures of the user's own prompt and of the best one on the held-out examples."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...agents.messages.scores import Measure
from .run_state import RunState


@dataclass(frozen=True, slots=True)
class FinalMeasures:
    """The verdict of a finished run in numbers."""

    metric: str
    """The main metric in the user's words."""
    before: Mapping[str, Measure]
    """Measures of the best of the user's own prompts."""
    after: Mapping[str, Measure]
    """Measures of the best prompt of the run."""


def final_measures(state: RunState) -> FinalMeasures | None:
    """Return the measures behind the verdict; None without a result, or if it was redacted."""
    finished, finals = state.finished, state.finals
    if finished is None or state.no_result:
        return None
    if finished.best.id not in finals or finished.initial.id not in finals:
        return None
    return FinalMeasures(
        metric=state.metric,
        before=finals.score(finished.initial.id).measures,
        after=finals.score(finished.best.id).measures,
    )
