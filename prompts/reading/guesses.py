"""Several guesses in one reply: the lines "Guess 1: ...", "Probability 1: ..." and so on.

Source: the "top-k" prompts of Xiong et al. (arXiv 2306.13063).
"""

import re

from ..task import Example, Task
from .kinds import read_answer
from .stated import Reading, share

_GUESS = re.compile(r"^\W*guess\s*(\d+)\W*?[:=]\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_PROBABILITY = re.compile(
    r"^\W*probability\s*(\d+)\W*?[:=]\s*[^\d\n]*?(\d+(?:\.\d+)?)\s*%?", re.IGNORECASE | re.MULTILINE
)


def wanted_guesses(task: Task, example: Example, guesses: int) -> int:
    """Return the number of guesses to ask for: `guesses`, but not more than the example has options."""
    options = task.options(example)
    return min(guesses, len(options)) if options else guesses


def read_guesses(text: str, task: Task, example: Example, wanted: int) -> Reading:
    """Read a reply with `wanted` guesses, numbered from 1, each with its probability from 0 to 100.

    The likeliest guess is the answer, or the first of several equally likely ones. Its probability is the
    confidence. The reading is complete if all wanted guesses have a probability and differ.
    """
    answers = {int(number): read_answer(raw, task, example) for number, raw in _GUESS.findall(text)}
    likelihoods = {
        int(number): likelihood
        for number, percent in _PROBABILITY.findall(text)
        if (likelihood := share(percent)) is not None
    }
    guesses = [(number, answer) for number, answer in sorted(answers.items()) if answer is not None]
    if not guesses:
        return Reading(None, None, complete=False)
    best, answer = max(guesses, key=lambda guess: likelihoods.get(guess[0], -1.0))
    distinct = {answer for number, answer in guesses if number in likelihoods and 1 <= number <= wanted}
    return Reading(answer, likelihoods.get(best), complete=len(distinct) == wanted)
