"""What `diff` prints."""

from collections.abc import Iterable

from ..console.formatting import number, one_line
from ..projections.json_diff import Difference
from ..projections.run_diff import Divergence, RunDiff
from .documents import fields, print_document
from .tables import print_table

_MOST = 8  # differences of one message; --json has them all
_WIDTH = 60


def print_comparison(found: RunDiff, *, as_json: bool) -> None:
    """Where two runs part, then settings, prompts and calls side by side."""
    if as_json:
        print_document("diff", fields(found))
        return
    print(_parting(found.divergence, found.runs))
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


def _parting(divergence: Divergence | None, runs: tuple[str, str]) -> str:
    if divergence is None:
        return f"{runs[0]} and {runs[1]} say the same from the first message to the last."
    places = [
        f"seq {seq} of {run}" if seq is not None else f"never said in {run}"
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
