"""The section on graded values of the page of benchmarks, written from the figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from measured import marker
from page_sections import table

HEADING = "## Graded values, noise and wrong labels"
KEY = "graded"
"""Key of these measurements (see `measured`)."""
_TITLES = {
    "right_or_wrong": "right or wrong",
    "tags": "F1 of tags",
    "letters": "a noisy judge's value",
    "tags_and_length": "F1 of tags, brief replies",
}
_INTRODUCTION = """
    python benchmarks/graded.py --json docs/graded.json --page docs/benchmarks.md

The search of this project alone, on simulated tasks whose main metric has values between 0 and 1. Each run
has 40 development and 60 held-out examples and five steps; the {runs} seeds, from {first:,} on, were used for
nothing else. The expected value of every prompt is computed, so *true* values are exact.

- *F1 of tags*: messages with one to three topics; `set_f1` of the tags, whose feedback names those missing.
- *a noisy judge's value*: letters; an own metric whose values scatter around the truth with a standard
  deviation of 0.15.
- *F1 of tags, brief replies*: every rule in a prompt lengthens the replies; constraint `brevity >= 0.8`.
- *attainable*: the true value of the best prompt of rules alone, within the constraint.
- *reported − true*: value of the chosen prompt on the held-out examples minus its true value, in points, with
  the standard error of the mean.
- *improvement found*: share of the runs with this verdict, with the exact 95 % interval.
"""


def section(figures: Mapping[str, Any]) -> str:
    """Return the section as Markdown."""
    parts = [HEADING, marker(KEY)]
    if claims := figures.get("claims"):
        terms = {"runs": claims["runs"], "first": claims["first_seed"]}
        parts.append(_INTRODUCTION.format(**terms).strip("\n"))
        parts += _claims(claims["rows"])
    if guard := figures.get("guard"):
        parts += _guard(guard["rows"])
    if doubts := figures.get("doubts"):
        parts += _doubts(doubts["rows"])
    return "\n\n".join(parts) + "\n"


def _claims(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    useless, helpful = ([row for row in rows if row["helpful"] == wanted] for wanted in (False, True))
    return [
        "No prompt is better than another, so that every claim is false:",
        table(
            ["main metric", "runs", "improvement found", "reported − true"],
            (
                [_TITLES[row["landscape"]], str(row["runs"]), _share(row), _error(row["reported_minus_true"])]
                for row in useless
            ),
        ),
        "Rules help:",
        table(
            ["main metric", "improvement found", "true value before", "after", "attainable", "true gain",
             "reported gain", "reported − true"],
            (
                [
                    _TITLES[row["landscape"]],
                    _share(row),
                    *(f"{row[name][0]:.1f}" for name in ("initial", "best", "attainable")),
                    *(_error(row[name]) for name in ("true_gain", "reported_gain", "reported_minus_true")),
                ]
                for row in helpful
            ),
        ),
        *(
            f"With brief replies, {row['keeps_constraint']} of {row['runs']} chosen prompts truly keep the "
            f"constraint, and the others miss it by {row['largest_breach']:.3f} at most."
            for row in helpful
            if row["landscape"] == "tags_and_length"
        ),
    ]  # fmt: skip


def _guard(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        "The right answers of the data are permuted, the model is sure of every answer, and\n"
        '`objective = "composite"` pays for calibration. Now and then a prompt is proposed that makes the\n'
        "model shy and wrong. A prompt is *worse* if its true accuracy is more than 5 points below that of\n"
        "the user's own prompt. It is *recommended* if the verdict calls it an improvement; otherwise the\n"
        "run advises to keep one's own:",
        table(
            [
                "answers permuted",
                "loss by the trap",
                "guard of the main metric",
                "runs",
                "worse prompt chosen",
                "and recommended",
                "true gain",
            ],
            (
                [
                    f"{row['permuted']:.0%}",
                    f"{row['loss']:.0f} points",
                    "on" if row["guarded"] else "taken away",
                    str(row["runs"]),
                    f"{row['worse']} ({_interval(row['worse_interval'])})",
                    str(row["recommended"]),
                    _error(row["true_gain"]),
                ]
                for row in rows
            ),
        ),
    ]


def _doubts(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        "A fifth of the right answers is permuted. A model that knows 90 % of the right answers, and is\n"
        "mistaken about 2 %, is asked; recall is over the wrong examples that it was shown:",
        table(
            ["asked by", "data sets", "wrong answers shown", "doubted", "precision", "recall"],
            (
                [
                    row["by"],
                    str(row["runs"]),
                    f"{row['wrong']:,}",
                    f"{row['doubted']:,}",
                    f"{row['precision']:.3f}",
                    f"{row['recall']:.3f}",
                ]
                for row in rows
            ),
        ),
    ]


def _share(row: Mapping[str, Any]) -> str:
    return f"{row['improved'] / row['runs']:.1%} ({_interval(row['improved_interval'])})"


def _interval(interval: Sequence[float]) -> str:
    low, high = interval
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def _error(value: Sequence[float]) -> str:
    return f"{value[0]:+.1f} ± {value[1]:.1f}"
