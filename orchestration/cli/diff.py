"""The command `diff`."""

from collections.abc import Iterable

import click

from ...storage.place import Place
from ..console.formatting import number
from ..console.visible import one_line
from ..projections.json_diff import Difference
from ..projections.run_diff import Divergence, RunDiff, compare
from .log_reading import open_log
from .options import json_option, log_option, log_path
from .output import print_document, print_table

_MOST = 8
"""Number of differences of one message that are printed; --json has all of them."""
_WIDTH = 60


@click.command
@click.argument("first", help="A run.")
@click.argument("second", help="Another run of the same log.")
@log_option
@json_option
def diff(first: str, second: str, log: Place | None, json: bool) -> None:
    """Find the first difference between two runs.

    Below it, settings, prompts, scores and calls of both runs are printed side by side.
    """
    with open_log(log_path(log)) as reader:
        found = compare(reader, reader.resolve(first), reader.resolve(second))
    if json:
        print_document("diff", found)
    else:
        _print_diff(found)


def _print_diff(found: RunDiff) -> None:
    print(_divergence(found.divergence, found.runs))
    differences = found.divergence.differences if found.divergence else ()
    _print_differences("in the message", differences[:_MOST], found.runs)
    _print_differences("setting", found.settings, found.runs)
    print()
    print_table(
        ["stage", "prompt", *found.runs, "held-out", "held-out", "text"],
        [
            [p.stage, p.id, *(number(v, 3) for v in (*p.scores, *p.test_scores)), _short(p.text)]
            for p in found.prompts
        ],
    )
    print()
    rows = [[name.replace("_", " "), *(calls[name] for calls in found.calls)] for name in found.calls[0]]
    print_table(["calls", *found.runs], rows)


def _divergence(divergence: Divergence | None, runs: tuple[str, str]) -> str:
    if divergence is None:
        return f"{runs[0]} and {runs[1]} say the same from the first message to the last."
    places = [
        f"seq {seq} of {run}" if seq is not None else f"missing in {run}"
        for seq, run in zip(divergence.seqs, runs, strict=True)
    ]
    return f"First divergence: {divergence.kind}, {places[0]}, {places[1]}."


def _print_differences(title: str, found: Iterable[Difference], runs: tuple[str, str]) -> None:
    rows = [[d.place, _short(d.first), _short(d.second)] for d in found]
    if rows:
        print()
        print_table([title, *runs], rows)


def _short(value: object) -> str:
    text = one_line(str(value))
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
