"""Names of the operators, from which a configuration chooses."""

from typing import Literal

OperatorName = Literal[
    "reflection",
    "demonstrations",
    "history",
    "extend",
    "crossover",
    "name_options",
    "format_repair",
    "describe",
    "simplification",
    "replace",
    "paraphrase",
    "cross",
    "shorten",
    "merge",
    "all_texts",
]
"""In the order of their first use: operators that have been successful in other searches come first."""
