"""Several guesses in one reply: the lines "Guess 1: ...", "Probability 1: ..." and so on.

Source: the "top-k" prompts of Xiong et al. (arXiv 2306.13063).
"""

import re
from dataclasses import replace
from itertools import islice

from ..task import Example, Task
from .confidence import read_confidence
from .form import demanded_values
from .kinds import read_answer
from .reading import Reading
from .stated import read_stated, spoken

_MOST = 100
"""Highest number of labels that are looked at."""
_LABEL = re.compile(
    r"(?<!\w)(?:(?P<guess>guess|answer)|probability|confidence)[ _]?#?(?P<number>\d{1,3})"
    r"[\s*_`\"')\]]{0,6}[:=]\s?",
    re.IGNORECASE,
)


def wanted_guesses(task: Task, example: Example, guesses: int) -> int:
    """Return the number of guesses to ask for: `guesses`, but not more than the example has options."""
    options = task.options(example)
    return min(guesses, len(options)) if options else guesses


def read_guesses(text: str, task: Task, example: Example, wanted: int, *, cut: bool = False) -> Reading:
    """Read a reply with `wanted` guesses, numbered from 1, each with its probability from 0 to 100.

    The likeliest guess is the answer, or the first of several equally likely ones. Its probability is the
    confidence. The reply has the demanded form if it has exactly these lines, and if its guesses differ. A
    reply without guesses is read as one with a single answer.
    """
    answers: dict[int, str] = {}
    likelihoods: dict[int, float] = {}
    said = spoken(text)
    found = list(islice(_LABEL.finditer(said), _MOST))
    for label, after in zip(found, [*found[1:], None][: len(found)], strict=True):
        value = _value(said, label.end(), after.start() if after else len(said))
        number = int(label["number"])
        if not label["guess"]:
            if (share := read_confidence(value)) is not None:
                likelihoods[number] = share
        elif (answer := read_answer(value, task, example)) is not None:
            answers[number] = answer
    if not answers:
        return replace(read_stated(text, task, example, cut=cut), followed=False)
    best = max(sorted(answers), key=lambda number: likelihoods.get(number, -1.0))
    labels = [f"{word} {number}" for number in range(1, wanted + 1) for word in ("Guess", "Probability")]
    followed = (
        demanded_values(text, labels, task, example) is not None and len(set(answers.values())) == wanted
    )
    return Reading(answers[best], likelihoods.get(best), followed)


def _value(text: str, start: int, end: int) -> str:
    """Return the first line of a value, without the signs that join it with the label after it."""
    line, broken, _ = text[start:end].lstrip().partition("\n")
    return line if broken else line.rstrip(" \t*#>,;|–—-")
