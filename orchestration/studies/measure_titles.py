"""The measures of a study's table, and the names by which the paper calls them."""

from ...agents.scoring.objective import MAIN

_PAPER = {"ifr": "IFR", "accuracy": "ACC", "ece": "ECE", "auroc": "ROC", "pr_p": "PR-P", "pr_n": "PR-N"}
"""Measure -> name in arXiv 2502.14211."""
_HIDDEN = {
    MAIN,
    "accuracy_parsed",
    "one_minus_ece",
    "brier",
    "cut",
    "brevity_prompt",
    "brevity_answer",
    "cost",
}
"""Measures that another column says already, or that say nothing about answers."""


def measure_title(name: str) -> str:
    """Return the title of a measure's column; "" if it has none."""
    return "" if name in _HIDDEN or name.endswith("_likelihood") else _PAPER.get(name, name)
