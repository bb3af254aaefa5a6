"""Print the tables of docs/results.md on the paper's design from what `tp study show --json` has printed.

    tp study show examples/paper/study.toml --json > seeds.json
    python benchmarks/paper_table.py seeds.json

The table of accuracies leaves out targets that were not run in every arm.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from page_sections import table

from transfer_prompting.orchestration.studies.table import ALL_TARGETS

ARMS = ("initial", "target only", "from scratch", "transfer", "experience")
MEASURES = {"ece": "ECE", "auroc": "ROC", "pr_p": "PR-P", "pr_n": "PR-N"}
Rows = Sequence[Mapping[str, Any]]


def main() -> None:
    """Print the three tables."""
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    rows, contrasts = found["rows"], found["contrasts"]
    print(table(["target", "seeds", *ARMS], accuracy_rows(rows)))
    print()
    print(table(["arms", "difference in points, over all targets", "p"], contrast_rows(rows, contrasts)))
    print()
    print(table(["arm", *MEASURES.values()], measure_rows(rows)))


def accuracy_rows(rows: Rows) -> Iterator[list[str]]:
    """Yield a row for each target that was run in every arm, and one for their mean."""
    for target in dict.fromkeys(row["target"] for row in rows):
        of_target = {row["arm"]: row for row in rows if row["target"] == target}
        if len(of_target) == len(ARMS):
            name = target if target == ALL_TARGETS else f"`{target}`"
            accuracies = [f"{of_target[arm]['after']:.3f}" for arm in ARMS]
            yield [name, str(of_target[ARMS[0]]["seeds"]), *accuracies]


def contrast_rows(rows: Rows, contrasts: Rows) -> Iterator[list[str]]:
    """Yield a row for what each arm has gained, and for each pair of arms."""
    gains = [row for row in rows if row["target"] == ALL_TARGETS and row["gain"]]
    compared = [(f"{row['arm']} - initial", row["gain"]) for row in gains]
    pairs = [one for one in contrasts if one["target"] == ALL_TARGETS]
    compared += [(f"{one['arm']} - {one['against']}", one["tested"]) for one in pairs]
    for arms, tested in compared:
        yield [arms, shown(tested), "-" if tested["p_value"] is None else f"{tested['p_value']:.2f}"]


def shown(tested: Mapping[str, Any]) -> str:
    """Return a difference in points with its 95 % interval."""
    difference, low, high = (tested[name] for name in ("difference", "low", "high"))
    if low is None or high is None:
        return f"{100 * difference:+.1f}"
    return f"{100 * difference:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def measure_rows(rows: Rows) -> Iterator[list[str]]:
    """Yield the further measures of each arm, as means over the targets."""
    for arm in ARMS:
        of_targets = [row["measures"] for row in rows if row["arm"] == arm and row["target"] != ALL_TARGETS]
        values = [{one["measure"]: one["after"] for one in measures} for measures in of_targets]
        yield [arm, *(f"{fmean(one[measure] for one in values):.3f}" for measure in MEASURES)]


if __name__ == "__main__":
    main()
