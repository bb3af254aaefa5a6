"""Print one table of all landscapes from the runs of `peers.py`: true accuracy, and tokens to good prompts.

    python benchmarks/peers_overview.py docs/benchmarks-ten-seeds.json [--seeds 10]

An arm that has not ended on so many seeds of a landscape is left out there, so that a comparison that is
under way can be looked at.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from page_sections import table
from peers import read_runs
from peers_page import thousands
from peers_run import ARMS, Run
from peers_scores import SHARES, Summary, summarise


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("json", type=Path, help="file of all runs")
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    print(overview(read_runs(given.json), given.seeds))


def overview(runs: Sequence[Run], seeds: int) -> str:
    """Return the table. The tokens are medians in thousands, over the runs that reported so good a prompt."""
    ways = [f"tokens to {share:.0%}" for share in SHARES]
    return table(["landscape", "arm", "true", "lowest", "promoted", *ways], _rows(runs, seeds))


def _rows(runs: Sequence[Run], seeds: int) -> Iterator[list[str]]:
    for landscape in dict.fromkeys(run.landscape for run in runs):
        for arm in ARMS:
            ended = [r for r in runs if (r.landscape, r.arm) == (landscape, arm) and not r.error]
            if len(ended) >= seeds:
                yield _row(landscape, summarise(arm, ended), min(run.true for run in ended))


def _row(landscape: str, found: Summary, lowest: float) -> list[str]:
    reached = [f"{thousands(tokens)} ({count})" if count else "-" for count, tokens in found.reached]
    true = f"{found.true or 0.0:.3f} ± {found.error or 0.0:.3f}"
    rising = found.gain is not None
    return [
        f"`{landscape}`",
        found.arm,
        true,
        f"{lowest:.3f}",
        f"{found.promoted} of {found.runs}",
        *(reached if rising else ["-"] * len(SHARES)),
    ]


if __name__ == "__main__":
    main()
