"""One table of all landscapes and arms: true accuracy, and tokens to good prompts."""

from collections.abc import Iterator, Sequence

from page_sections import table, thousands
from peers_run import ARMS, Run
from peers_scores import SHARES, Summary, summarise


def overview(runs: Sequence[Run]) -> str:
    """Return the table. The tokens are medians in thousands."""
    ways = [f"tokens to {share:.0%}" for share in SHARES]
    return table(["landscape", "arm", "true", "lowest", "promoted", *ways], _rows(runs))


def complete(runs: Sequence[Run]) -> list[Run]:
    """Return the runs of one landscape without those of arms that have not had all of its seeds."""
    seeds = {run.seed for run in runs}
    made = {arm: {run.seed for run in runs if run.arm == arm} for arm in ARMS}
    return [run for run in runs if made[run.arm] == seeds]


def shown(reached: Sequence[tuple[int, float | None]]) -> list[str]:
    """Return the tokens to each share of the way as text, with the number of runs that got there."""
    medians = ["-" if tokens is None else thousands(tokens) for _, tokens in reached]
    return [
        f"{tokens} ({count})" if count else "-" for tokens, (count, _) in zip(medians, reached, strict=True)
    ]


def _rows(runs: Sequence[Run]) -> Iterator[list[str]]:
    for landscape in dict.fromkeys(run.landscape for run in runs):
        found = complete([run for run in runs if run.landscape == landscape])
        for arm in ARMS:
            of_arm = [run for run in found if run.arm == arm]
            if ended := [run for run in of_arm if not run.error]:
                yield _row(landscape, summarise(arm, of_arm), min(run.true for run in ended))


def _row(landscape: str, found: Summary, lowest: float) -> list[str]:
    true = f"{found.true or 0.0:.3f} ± {found.error or 0.0:.3f}"
    rising = found.gain is not None
    return [
        f"`{landscape}`",
        found.arm,
        true,
        f"{lowest:.3f}",
        f"{found.promoted} of {found.runs - found.failed}",
        *(shown(found.reached) if rising else ["-"] * len(SHARES)),
    ]
