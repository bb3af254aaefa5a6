"""The command `best`. Without a measure it decodes one message only, and starts fast."""

import sys
from typing import Any

import click

from ...agents.upcasting import UPCASTERS
from ...storage.errors import UnknownRun
from ...storage.hints import command
from ...storage.place import Place
from ...storage.reader import Reader
from ..projections.no_result import find_reason
from .log_reading import open_log
from .options import json_option, last_run_argument, log_option, log_path
from .output import print_document

_VERDICT = ("initial", "improved", "verdict", "p_value", "test", "smallest_gain", "control")


@click.command
@last_run_argument
@log_option
@json_option
@click.option(
    "--by",
    metavar="MEASURE",
    help="Print the prompt that is best in this measure, such as accuracy, among the prompts that no other "
    "prompt beats in everything (the Pareto front).",
)
def best(run: str, log: Place | None, json: bool, by: str | None) -> None:
    """Print the best prompt of a run, ready to paste."""
    with open_log(log_path(log)) as reader:
        name = reader.resolve(run)
        if by is None:
            _print_best(name, reader, as_json=json)
            return
        # Imported here because only --by decodes messages, for which it loads pydantic.
        from .best_by import print_best_by

        print_best_by(name, reader, last_stage(name, reader), by, as_json=json)


def last_stage(run: str, reader: Reader) -> dict[str, Any]:
    """Return the payload that ended the last stage, apart from the control, whose prompts are not for use.

    Raise `UnknownRun` if no stage has ended.
    """
    closed = [UPCASTERS.payload(event) for event in reader.read(run, kinds=("stage.finished",))]
    stages = [stage for stage in closed if stage["stage"] != "control"]
    if not stages:
        raise UnknownRun(
            f"No stage of run {run} has ended, so there is no best prompt yet. "
            f"`{command('resume', run)}` continues the run."
        )
    return stages[-1]


def _print_best(run: str, reader: Reader, *, as_json: bool) -> None:
    finished = next(reader.read(run, kinds=("run.finished",)), None)
    if reason := find_reason(reader, run):
        print(
            f"Run {run} has no result. {reason} This prompt was chosen on the development examples alone.",
            file=sys.stderr,
        )
    if finished is None:
        verdict = {"best": last_stage(run, reader)["best"]["candidate"]}
    else:
        verdict = UPCASTERS.payload(finished)
    if not as_json:
        print(verdict["best"]["text"])
        return
    # A `BestDocument`, not built as one: its fields are pydantic models.
    document = {
        "run": run,
        "finished": finished is not None,
        "best": verdict["best"],
        **{key: verdict.get(key) for key in _VERDICT},
        "comparisons": verdict.get("comparisons", []),
        "against_control": verdict.get("against_control", []),
    }
    print_document("best", document)
