"""Print the tables of docs/results.md on the paper's design from what `tp study show --json` has printed.

    tp study show examples/paper/study.toml --json > seeds.json
    python benchmarks/paper_table.py seeds.json [MORE.json ...]

Several files hold the seeds of one study that were made in several logs. Only seeds that have a result in
every arm on every target count.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from page_sections import table

from transfer_prompting.agents.scoring.seed_test import SeedTest, compare_seeds
from transfer_prompting.orchestration.studies.table import ALL_TARGETS, PAIRS

ARMS = ("initial", "target only", "from scratch", "transfer", "experience")
MEASURES = {"ece": "ECE", "auroc": "ROC", "pr_p": "PR-P", "pr_n": "PR-N"}
Values = Mapping[tuple[str, str], Mapping[int, float]]
"""(target, arm) -> seed -> accuracy on held-out examples."""


def main() -> None:
    """Print both tables."""
    found = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    values = accuracies([cell for one in found for cell in one["cells"]])
    targets = list(dict.fromkeys(target for target, _ in values))
    print(table(["target", "seeds", *ARMS], accuracy_rows(values, targets)))
    print()
    print(table(["arms", "difference in points, over all targets", "p"], contrast_rows(values, targets)))
    print()
    print(table(["arm", *MEASURES.values()], measure_rows([row for one in found for row in one["rows"]])))


def accuracies(cells: Sequence[Mapping[str, Any]]) -> Values:
    """Return the accuracies of the targets that were run in every arm, for their complete seeds."""
    known: dict[str, dict[tuple[str, int], float]] = defaultdict(dict)
    for cell in cells:
        if cell["after"] is not None:
            known[cell["target"]][cell["arm"], cell["seed"]] = cell["after"]
    known = {target: one for target, one in known.items() if {arm for arm, _ in one} == set(ARMS)}
    seeds = {seed for one in known.values() for _, seed in one}
    whole = [s for s in sorted(seeds) if all((arm, s) in one for one in known.values() for arm in ARMS)]
    return {(target, arm): {s: one[arm, s] for s in whole} for target, one in known.items() for arm in ARMS}


def over_targets(values: Values, targets: Sequence[str], arm: str) -> dict[int, float]:
    """Return the mean over the targets for each seed."""
    return {seed: fmean(values[one, arm][seed] for one in targets) for seed in values[targets[0], arm]}


def accuracy_rows(values: Values, targets: Sequence[str]) -> Iterator[list[str]]:
    """Yield a row for each target, and one for their mean."""
    for target in targets:
        means = [f"{fmean(values[target, arm].values()):.3f}" for arm in ARMS]
        yield [f"`{target}`", str(len(values[target, ARMS[0]])), *means]
    pooled = [over_targets(values, targets, arm) for arm in ARMS]
    yield [ALL_TARGETS, str(len(pooled[0])), *(f"{fmean(one.values()):.3f}" for one in pooled)]


def contrast_rows(values: Values, targets: Sequence[str]) -> Iterator[list[str]]:
    """Yield a row for each pair of arms that is compared."""
    for arm, against in (*((arm, ARMS[0]) for arm in ARMS[1:]), *PAIRS):
        ours, theirs = over_targets(values, targets, arm), over_targets(values, targets, against)
        found = compare_seeds([100 * (ours[seed] - theirs[seed]) for seed in ours])
        yield [f"{arm} - {against}", shown(found), "-" if found.p_value is None else f"{found.p_value:.2f}"]


def shown(found: SeedTest) -> str:
    """Return a difference with its 95 % interval."""
    if found.low is None or found.high is None:
        return f"{found.mean:+.1f}"
    return f"{found.mean:+.1f} ({found.low:+.1f} to {found.high:+.1f})"


def measure_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    """Yield the further measures of each arm, as means over the targets."""
    for arm in ARMS:
        of_arm = [row for row in rows if row["arm"] == arm and row["target"] != ALL_TARGETS]
        yield [arm, *(f"{_mean(of_arm, measure):.3f}" for measure in MEASURES)]


def _mean(rows: Sequence[Mapping[str, Any]], measure: str) -> float:
    pairs: list[tuple[int, float]] = [
        (row["seeds"], one["after"]) for row in rows for one in row["measures"] if one["measure"] == measure
    ]
    return sum(seeds * value for seeds, value in pairs) / sum(seeds for seeds, _ in pairs)


if __name__ == "__main__":
    main()
