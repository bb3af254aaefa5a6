"""The command `best`. Without a measure it decodes one message only, and starts fast."""

import sys

import click

from ...agents.upcasting import UPCASTERS
from ...storage.place import Place
from ...storage.reader import Reader
from ..projections.last_stage import last_stage
from ..projections.no_result import find_reason
from ..projections.target_view import for_target
from .log_reading import open_log
from .options import json_option, last_run_argument, log_option, log_path, target_option
from .output import print_document

_VERDICT = ("initial", "improved", "verdict", "p_value", "test", "smallest_gain", "control")


@click.command
@last_run_argument
@log_option
@json_option
@target_option
@click.option(
    "--by",
    metavar="MEASURE",
    help="Print the prompt that is best in this measure, such as accuracy, among the prompts that no other "
    "prompt beats in everything (the Pareto front).",
)
@click.option(
    "--as",
    "form",
    type=click.Choice(["text", "request", "messages", "python", "json", "promptfoo", "dspy"]),
    default="text",
    show_default=True,
    help="What to print. text: the prompt; request: the body of the chat completion for one row, as it was "
    "measured; messages: its messages, with {{ column }} for the columns of a row; python: a module that "
    "sends the request; json: all of this with the evidence, for programs; promptfoo: a "
    "promptfooconfig.yaml; dspy: the state that dspy.Predict(...).load reads, with the instructions and the "
    "fields alone, or the state that the module of a program reads. A program words its requests itself: "
    "python prints its texts by name, and request, messages and promptfoo are refused.",
)
@click.option("--row", metavar="ID", help="With --as request: the row to ask about.  [default: the first]")
def best(
    run: str, log: Place | None, json: bool, target: str | None, by: str | None, form: str, row: str | None
) -> None:
    """Print the best prompt of a run, ready to use.

    The other forms are the whole request that was measured, not the prompt alone.
    """
    if row is not None and form != "request":
        raise click.UsageError("--row chooses the row of --as request.")
    if json and form != "text":
        raise click.UsageError("Give either --json or --as: `--as json` has everything for a program.")
    with open_log(log_path(log, run)) as whole:
        name = whole.resolve(run)
        reader = for_target(whole, name, target)
        if form != "text":
            # Imported here because the prompt alone needs no message decoded, which would load pydantic.
            from .best_as import print_best_as

            print_best_as(name, reader, form, by=by, row=row)
            return
        if by is None:
            _print_best(name, reader, as_json=json)
            return
        # Imported here because only --by decodes messages, for which it loads pydantic.
        from .best_by import print_best_by

        print_best_by(name, reader, last_stage(name, reader), by, as_json=json)


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
