"""Summary of several runs of one arm on one landscape."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from statistics import mean, median, stdev

from peers_run import Run

SHARES = (0.5, 0.8, 0.95)
"""Shares of the way from the initial to the attainable accuracy."""
SPENT = (0.125, 0.25, 0.5, 1.0)
"""Shares of the budget at which searches are compared."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Means over the runs that ended with a prompt, or None if no run has a value.

    For each of `SHARES`, `reached` gives the number of runs that reported a prompt that good, and the median
    over all runs of the task model tokens spent when such a prompt was first tried. It is None if half of the
    runs or more never got there: a median over the others alone would flatter an arm that seldom does.
    """

    arm: str
    runs: int
    failed: int
    true: float | None
    error: float | None
    """Standard error of `true`."""
    gain: float | None
    """TimeShare of the way from the initial to the attainable accuracy."""
    optimism: float | None
    """Claimed minus true accuracy."""
    promoted: int
    reached: tuple[tuple[int, float | None], ...]
    found: tuple[float, ...]
    """Best true accuracy among the prompts tried by then, for each of `SPENT`."""
    tokens: float
    requests: float
    proposals: float
    seconds: float | None
    slot_use: float


def summarise(arm: str, runs: Sequence[Run]) -> Summary:
    """Return the summary of all `runs` of `arm` on one landscape."""
    ended = [run for run in runs if not run.error]
    true = [run.true for run in ended]
    claimed = [run.claimed - run.true for run in ended if run.claimed is not None]
    gains = [
        (run.true - run.initial) / (run.attainable - run.initial)
        for run in ended
        if run.attainable > run.initial
    ]
    return Summary(
        arm=arm,
        runs=len(runs),
        failed=len(runs) - len(ended),
        true=mean(true) if true else None,
        error=stdev(true) / len(true) ** 0.5 if len(true) > 1 else None,
        gain=mean(gains) if gains else None,
        optimism=mean(claimed) if claimed else None,
        promoted=sum(run.promoted for run in ended),
        reached=tuple(_reached(runs, share) for share in SHARES),
        found=tuple(mean(found_by(run, share * run.budget) for run in runs) for share in SPENT),
        tokens=mean(run.task_tokens for run in runs),
        requests=mean(run.task_requests for run in runs),
        proposals=mean(run.proposer_requests for run in runs),
        seconds=mean(run.seconds for run in ended) if ended else None,
        slot_use=mean(run.slot_use for run in runs),
    )


def tokens_to_reach(run: Run, share: float) -> int | None:
    """Return the task model tokens spent when a prompt `share` of the way up was first evaluated.

    Return None if the prompt that the run reported is not that good, because a good prompt that was tried and
    passed over is no success.
    """
    level = run.initial + share * (run.attainable - run.initial) - 1e-9
    if run.true < level:
        return None
    return next((tokens for tokens, true in run.curve if true >= level), run.task_tokens)


def found_by(run: Run, tokens: float) -> float:
    """Return the best true accuracy among the prompts first tried before `tokens` tokens were spent."""
    return max([run.initial, *(true for spent, true in run.curve if spent <= tokens)])


def _reached(runs: Sequence[Run], share: float) -> tuple[int, float | None]:
    found = [tokens for run in runs if (tokens := tokens_to_reach(run, share)) is not None]
    middle = median([*found, *[inf] * (len(runs) - len(found))])
    return len(found), middle if isfinite(middle) else None
