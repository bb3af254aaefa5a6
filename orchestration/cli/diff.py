"""The command `diff`."""

from collections.abc import Iterable, Mapping, Sequence

import click

from ...prompts.demonstrations import without_demonstrations
from ...prompts.named_texts import differing_texts, split_texts
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
    with open_log(log_path(log, first, second)) as reader:
        found = compare(reader, reader.resolve(first), reader.resolve(second))
    if json:
        print_document("diff", found)
    else:
        _print_diff(found)


def _print_diff(found: RunDiff) -> None:
    print(_divergence(found.divergence, found.runs))
    differences = found.divergence.differences if found.divergence else ()
    _print_differences("in the message", differences[:_MOST], found.runs, found.texts)
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


def _print_differences(
    title: str, found: Iterable[Difference], runs: tuple[str, str], texts: Sequence[str] = ()
) -> None:
    rows = [[d.place, *map(_short, _differing(d.first, d.second, texts))] for d in found]
    if rows:
        print()
        print_table([title, *runs], rows)


def _differing(first: object, second: object, texts: Sequence[str]) -> tuple[object, object]:
    """Return two values; of prompts of several texts only the texts that differ, each after its name."""
    if not (texts and isinstance(first, str) and isinstance(second, str)):
        return first, second
    one, other = (split_texts(without_demonstrations(text), texts) for text in (first, second))
    changed = differing_texts(first, second, texts)
    if one is None or other is None or not changed:
        return first, second
    return _named(one, changed), _named(other, changed)


def _named(texts: Mapping[str, str], names: Sequence[str]) -> str:
    return " ".join(f"[{name}] {texts[name]}" for name in names)


def _short(value: object) -> str:
    text = one_line(str(value))
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
