"""Reading an answer and a stated confidence out of a reply, and comparing an answer with the right one.

The whole answer must match: finding the right word somewhere in the reply is not an answer.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from string import ascii_uppercase

from ..errors import TaskError
from ..task import Example, Task

# An answer that was left out must not be filled with the line of the confidence.
_ANSWER = re.compile(
    r"^\W*answer\W*?[:=]\s*(?![ *_#>-]*confidence\W*?[:=])(.+?)\s*$", re.IGNORECASE | re.MULTILINE
)
_CONFIDENCE = re.compile(
    r"^\W*confidence\W*?[:=]\s*[^\d\n]*?(\d+(?:\.\d+)?)\s*%?", re.IGNORECASE | re.MULTILINE
)
_GUESS = re.compile(r"^\W*guess\s*(\d+)\W*?[:=]\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_PROBABILITY = re.compile(
    r"^\W*probability\s*(\d+)\W*?[:=]\s*[^\d\n]*?(\d+(?:\.\d+)?)\s*%?", re.IGNORECASE | re.MULTILINE
)
_WRAPPING = " \t*_`\"'<>[]"
_NUMBER = re.compile(r"[-+−]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: `answer` and `confidence` (in [0, 1]), each None where it is not there as demanded."""

    answer: str | None
    confidence: float | None
    complete: bool = True
    """Whether all of the demanded guesses are there, and differ."""

    @property
    def followed(self) -> bool:
        """Whether the reply has all parts in the demanded format."""
        return self.complete and self.answer is not None and self.confidence is not None


def wanted_guesses(task: Task, example: Example, guesses: int) -> int:
    """How many guesses to ask for: no more than there are options."""
    options = task.options(example)
    return min(guesses, len(options)) if options else guesses


def read_reply(text: str, task: Task, example: Example, guesses: int = 1) -> Reading:
    """Read a reply of the form "Answer: ...", "Confidence: 0 to 100"; the last of each counts.

    Where so many `guesses` were asked for, it is "Guess 1: ...", "Probability 1: 0 to 100" and so on; the
    likeliest guess is the answer, of equals the first, and its probability the confidence.
    """
    if (wanted := wanted_guesses(task, example, guesses)) > 1:
        return _read_guesses(text, task, example, wanted)
    answers = _ANSWER.findall(text)
    confidences = [float(found) for found in _CONFIDENCE.findall(text)]
    confidence = confidences[-1] / 100 if confidences and confidences[-1] <= 100 else None
    return Reading(_canonical(answers[-1], task, example) if answers else None, confidence)


def _read_guesses(text: str, task: Task, example: Example, wanted: int) -> Reading:
    said = {int(n): _canonical(raw, task, example) for n, raw in _GUESS.findall(text)}
    likely = {int(n): float(p) / 100 for n, p in _PROBABILITY.findall(text) if float(p) <= 100}
    guesses = [(n, answer) for n, answer in sorted(said.items()) if answer is not None]
    if not guesses:
        return Reading(None, None, complete=False)
    best, answer = max(guesses, key=lambda guess: likely.get(guess[0], -1.0))
    answers = {said[n] for n in range(1, wanted + 1) if n in likely and said.get(n) is not None}
    return Reading(answer, likely.get(best), complete=len(answers) == wanted)


def is_right(answer: str | None, task: Task, example: Example) -> bool:
    """Whether a canonical answer is the example's answer: numbers by value, the rest by its words."""
    if answer is None:
        return False
    gold = _canonical(example.answer, task, example)
    if task.answer.type == "number":
        return gold is not None and Decimal(answer) == Decimal(gold)
    return gold is not None and _fold(answer) == _fold(gold)


def check_example(task: Task, example: Example, where: str) -> None:
    """Raise `TaskError` naming `where` if the example's own answer is none that a reply could give."""
    if not example.question.strip():
        raise TaskError(f"{where}: the question is empty. Fill it in or drop the row.")
    if task.answer.type == "letter" and not 2 <= len(example.choices or ()) <= len(ascii_uppercase):
        raise TaskError(f'{where}: answers of type "letter" need a list of 2 to 26 choices in each row.')
    if _canonical(example.answer, task, example) is None:
        options = task.options(example)
        allowed = f"one of {', '.join(options)}" if options else f"a {task.answer.type}"
        raise TaskError(
            f"{where}: the answer {example.answer!r} is not {allowed}. Correct the row or the task."
        )


def _canonical(raw: str, task: Task, example: Example) -> str | None:
    """The answer in its one written form, or None where `raw` is no answer of the demanded kind."""
    text = raw.strip().strip(_WRAPPING).strip()
    match task.answer.type:
        case "label":
            return _one_of(task.answer.labels, text)
        case "letter":
            return _letter(_bare(text), example.choices or ())
        case "number":
            return _number(text)
        case "text":
            return text or None


def _one_of(options: tuple[str, ...], text: str) -> str | None:
    folded = _fold(text)
    return next((option for option in options if _fold(option) == folded), None)


def _letter(text: str, choices: tuple[str, ...]) -> str | None:
    """ "B", "(b)", "B. the second choice" or the second choice itself."""
    # A dash counts as a sign between the two only with a blank behind it: "A. -5" has the choice -5.
    found = re.fullmatch(r"\(?([A-Za-z])\)?(?:(?:[.):\s]+(?:-\s+)?|-\s+)(.*))?", text, re.DOTALL)
    if found:
        index = ord(found[1].upper()) - ord("A")
        rest = (found[2] or "").strip()
        if index < len(choices) and (not rest or _fold(rest) == _fold(choices[index])):
            return found[1].upper()
    same = [i for i, choice in enumerate(choices) if _fold(choice) == _fold(text)]
    return chr(ord("A") + same[0]) if len(same) == 1 else None


def _number(text: str) -> str | None:
    found = _NUMBER.findall(text)
    if len(found) != 1:
        return None
    try:
        return str(Decimal(found[0].replace(",", "").replace("−", "-")))
    except InvalidOperation:
        return None


def _fold(text: str) -> str:
    return _bare(re.sub(r"\s+", " ", text)).casefold()


def _bare(text: str) -> str:
    """Without the signs around it: "**Yes**." is "Yes"."""
    return text.lstrip(_WRAPPING).rstrip(_WRAPPING + ".!")
