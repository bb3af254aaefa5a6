"""The result of reading a reply."""

from dataclasses import dataclass


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
