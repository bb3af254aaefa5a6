"""A stated answer: the lines "Answer: ..." and "Confidence: ..." of a reply."""

import re
from dataclasses import dataclass

from ..task import Example, Task
from .kinds import read_answer

# The line of the confidence must not fill in for an answer that was left out.
_ANSWER = re.compile(
    r"^\W*answer\W*?[:=]\s*(?![ *_#>-]*confidence\W*?[:=])(.+?)\s*$", re.IGNORECASE | re.MULTILINE
)
_CONFIDENCE = re.compile(
    r"^\W*confidence\W*?[:=]\s*[^\d\n]*?(\d+(?:\.\d+)?)\s*%?", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Answer and confidence that were read from one reply."""

    answer: str | None
    """Answer in canonical form; None if the reply holds none in the demanded format."""
    confidence: float | None
    """Stated confidence in [0, 1]; None if the reply holds none in the demanded format."""
    complete: bool = True
    """False if some of several demanded guesses are missing or repeated."""

    @property
    def followed(self) -> bool:
        """True if the reply has all parts in the demanded format."""
        return self.complete and self.answer is not None and self.confidence is not None


def read_stated(text: str, task: Task, example: Example) -> Reading:
    """Read a reply of the form "Answer: ...", "Confidence: 0 to 100". The last line of each kind counts."""
    answers = _ANSWER.findall(text)
    confidences = _CONFIDENCE.findall(text)
    return Reading(
        answer=read_answer(answers[-1], task, example) if answers else None,
        confidence=share(confidences[-1]) if confidences else None,
    )


def share(percent: str) -> float | None:
    """Return a number of percent as a share in [0, 1]; None if it is above 100."""
    return float(percent) / 100 if float(percent) <= 100 else None
