"""Output of `best --by MEASURE`."""

from typing import Any

from ...agents.call_events import CALL_KINDS
from ...storage.reader import Reader
from ..errors import ConfigError
from ..projections.leaderboard import PromptRow
from ..projections.partial_decode import state_after
from .output import print_document
from .prompt_documents import LeaderDocument, PromptMeasures

_LOWER_IS_BETTER = ("ece", "brier", "cost", "cut")


def print_best_by(run: str, reader: Reader, stage: dict[str, Any], measure: str, *, as_json: bool) -> None:
    """Print the prompt on the Pareto front of a finished stage that is best in one measure.

    Raise `ConfigError` if no prompt on the front has that measure.
    """
    row = leader_by(run, reader, stage, measure)
    if as_json:
        prompt = PromptMeasures.model_validate(row.as_json())
        print_document("leader", LeaderDocument(run=run, by=measure, prompt=prompt))
    else:
        print(row.candidate.text)


def leader_by(run: str, reader: Reader, stage: dict[str, Any], measure: str) -> PromptRow:
    """Return the row of the prompt that is best in one measure. Raise `ConfigError` as `print_best_by`."""
    rows = state_after(reader.read(run, without=CALL_KINDS)).leaderboards[stage["stage"]].rows
    vectors = {id_: rows[id_].vector() for id_ in stage["front"] if id_ in rows}
    values = {id_: vector[measure].value for id_, vector in vectors.items() if measure in vector}
    known = {id_: value for id_, value in values.items() if value is not None}
    if not known:
        there = ", ".join(dict.fromkeys(name for vector in vectors.values() for name in vector))
        raise ConfigError(f"No prompt on the Pareto front of {run} has a {measure}. Choose one of: {there}.")
    choose = min if measure.removesuffix("_likelihood") in _LOWER_IS_BETTER else max
    return rows[choose(known, key=known.__getitem__)]
