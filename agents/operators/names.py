"""The names of the operators, for a configuration to choose from."""

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
]
"""In the order in which they are tried first: what has paid in other searches comes early."""
