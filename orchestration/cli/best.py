"""What `best` prints. Without a measure it looks at one message and decodes no other: it answers at once."""

from typing import Any

from ...agents.call_events import CALL_KINDS
from ...agents.upcasting import UPCASTERS
from ...storage.errors import UnknownRun
from ...storage.reader import Reader
from .documents import print_document

_KEYS = ("initial", "improved", "verdict", "p_value", "control")
_LOWER_IS_BETTER = ("ece", "brier", "cost")


def print_best(run: str, reader: Reader, *, as_json: bool) -> None:
    """The text of the best prompt alone, or all that is known of it."""
    finished = next(reader.read(run, kinds=("run.finished",)), None)
    if finished is None:
        told = {"best": _last_stage(run, reader)["best"]["candidate"]}
    else:
        told = UPCASTERS.payload(finished)
    if not as_json:
        print(told["best"]["text"])
        return
    print_document(
        "best",
        {
            "run": run,
            "finished": finished is not None,
            "best": told["best"],
            **{key: told.get(key) for key in _KEYS},
            "comparisons": told.get("comparisons", []),
            "against_control": told.get("against_control", []),
        },
    )


def print_best_by(run: str, reader: Reader, measure: str, *, as_json: bool) -> None:
    """The prompt of the last stage's Pareto front that leads in one measure.

    Raises `UnknownRun` where no stage is over, `ConfigError` for a measure that no prompt there has.
    """
    from ..errors import ConfigError
    from ..projections.partial_decode import state_after

    stage = _last_stage(run, reader)
    rows = state_after(reader.read(run, without=CALL_KINDS)).leaderboards[stage["stage"]].rows
    vectors = {id_: rows[id_].vector() for id_ in stage["front"] if id_ in rows}
    values = {id_: vector[measure].value for id_, vector in vectors.items() if measure in vector}
    known = {id_: value for id_, value in values.items() if value is not None}
    if not known:
        there = ", ".join(dict.fromkeys(name for vector in vectors.values() for name in vector))
        raise ConfigError(f"No prompt on the Pareto front of {run} has a {measure}. Choose one of: {there}.")
    choose = min if measure.removesuffix("_likelihood") in _LOWER_IS_BETTER else max
    row = rows[choose(known, key=known.__getitem__)]
    if not as_json:
        print(row.candidate.text)
        return
    print_document("leader", {"run": run, "by": measure, "prompt": row.as_json()})


def _last_stage(run: str, reader: Reader) -> dict[str, Any]:
    """The end of the last stage whose prompts are for use, which those of the control are not."""
    closed = [UPCASTERS.payload(event) for event in reader.read(run, kinds=("stage.finished",))]
    stages = [stage for stage in closed if stage["stage"] != "control"]
    if not stages:
        raise UnknownRun(
            f"Run {run} has not finished a stage yet, so it has no best prompt. `tp resume {run}` goes on."
        )
    return stages[-1]
