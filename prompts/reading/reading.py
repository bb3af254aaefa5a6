"""The result of reading a reply, and the versions of the rules by which replies are read."""

from dataclasses import dataclass
from typing import Literal

Rules = Literal[1, 2]
"""Version of the reading rules. Version 1 serves logs that were written before the rules had versions."""
NEWEST: Rules = 2
"""Version of the rules for new runs."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Answer and confidence that were read from one reply, and whether it has the demanded form.

    These are separate measures: an answer is read as a careful person reads it, the form strictly.
    """

    answer: str | None
    """Answer in canonical form; None if the reply holds none, or if any reading would be a guess."""
    confidence: float | None
    """Stated confidence in [0, 1]; None if the reply holds none, or if any reading would be a guess."""
    followed: bool | None = False
    """True if the reply has the demanded form; None if no form was demanded."""
