"""The first reading rules, by which runs of logs without the setting `search.reading` are re-enacted.

Outcomes and prompts in a log follow from its replies, and a replay compares them byte for byte. So nothing
here may change.
"""

import re
from decimal import Decimal, InvalidOperation

from ..task import Example, Task
from .reading import Reading

_WRAPPING = " \t*_`\"'<>[]"
# The line of the confidence must not fill in for an answer that was left out.
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
# A dash separates the letter from the choice only if a blank follows it: "A. -5" has the choice -5.
_LETTER = re.compile(r"\(?([A-Za-z])\)?(?:(?:[.):\s]+(?:-\s+)?|-\s+)(.*))?", re.DOTALL)
_NUMBER = re.compile(r"[-+−]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)")
_TAGGED = re.compile(r"<(instruction|ins|prompt|text)\b[^>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_OPEN_TAG = re.compile(r"<(?:instruction|ins|prompt|text)\b[^>]*>(.*)\Z", re.IGNORECASE | re.DOTALL)
_FENCED = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)
_LABELLED = re.compile(
    r"^\W*(?:new\s+)?(?:instruction|prompt)\W*?:(?:\*\*|__)?\s*(.+)\Z", re.I | re.M | re.DOTALL
)
_QUOTES = (('"', '"'), ("“", "”"), ("**", "**"), ("*", "*"), ("'", "'"))
_ITEM = re.compile(r"^\s*(?:\d+[.)]|[-*•])\s+(.+)$", re.MULTILINE)


def read_stated(text: str, task: Task, example: Example) -> Reading:
    """Read "Answer: ...", "Confidence: 0 to 100". The last line of each kind counts."""
    answers, confidences = _ANSWER.findall(text), _CONFIDENCE.findall(text)
    answer = read_answer(answers[-1], task, example) if answers else None
    confidence = _share(confidences[-1]) if confidences else None
    return Reading(answer, confidence, followed=answer is not None and confidence is not None)


def read_guesses(text: str, task: Task, example: Example, wanted: int) -> Reading:
    """Read "Guess 1: ...", "Probability 1: ..." and so on. The likeliest guess is the answer."""
    answers = {int(number): read_answer(raw, task, example) for number, raw in _GUESS.findall(text)}
    likelihoods = {
        int(number): likelihood
        for number, percent in _PROBABILITY.findall(text)
        if (likelihood := _share(percent)) is not None
    }
    guesses = [(number, answer) for number, answer in sorted(answers.items()) if answer is not None]
    if not guesses:
        return Reading(None, None)
    best, answer = max(guesses, key=lambda guess: likelihoods.get(guess[0], -1.0))
    distinct = {answer for number, answer in guesses if number in likelihoods and 1 <= number <= wanted}
    confidence = likelihoods.get(best)
    return Reading(answer, confidence, followed=len(distinct) == wanted and confidence is not None)


def read_answer(text: str, task: Task, example: Example) -> str | None:
    """Return the canonical form of an answer; None if `text` is no answer of its kind."""
    text = text.strip().strip(_WRAPPING).strip()
    match task.answer.type:
        case "label":
            return next((label for label in task.answer.labels if _folded(label) == _folded(text)), None)
        case "letter":
            return _letter(text, example.choices or ())
        case "number":
            return _number(text)
        case "text":
            return text or None


def is_right(answer: str, right: str, task: Task) -> bool:
    """Return whether two canonical answers are equal."""
    if task.answer.type == "number":
        return Decimal(answer) == Decimal(right)
    return _folded(answer) == _folded(right)


def find_instruction(reply: str, *, marked: bool) -> str | None:
    """Return the instruction in `reply`, not yet checked; None if it is `marked` and has no tag."""
    if marked and not _OPEN_TAG.search(reply):
        return None
    return _clean(_candidate_text(reply.strip()))


def _share(percent: str) -> float | None:
    return float(percent) / 100 if float(percent) <= 100 else None


def _bare(text: str) -> str:
    return text.lstrip(_WRAPPING).rstrip(_WRAPPING + ".!")


def _folded(text: str) -> str:
    return _bare(re.sub(r"\s+", " ", text)).casefold()


def _letter(text: str, choices: tuple[str, ...]) -> str | None:
    text = _bare(text)
    if found := _LETTER.fullmatch(text):
        letter, words = found[1].upper(), (found[2] or "").strip()
        index = ord(letter) - ord("A")
        if index < len(choices) and (not words or _folded(words) == _folded(choices[index])):
            return letter
    same = [index for index, choice in enumerate(choices) if _folded(choice) == _folded(text)]
    return chr(ord("A") + same[0]) if len(same) == 1 else None


def _number(text: str) -> str | None:
    found = _NUMBER.findall(text)
    if len(found) != 1:
        return None
    try:
        return str(Decimal(found[0].replace(",", "").replace("−", "-")))
    except InvalidOperation:
        return None


def _candidate_text(reply: str) -> str:
    if tagged := [body for _, body in _TAGGED.findall(reply) if body.strip()]:
        return str(tagged[-1])
    if fenced := [body for body in _FENCED.findall(reply) if body.strip()]:
        return str(fenced[-1])
    for pattern in (_OPEN_TAG, _LABELLED):
        if found := pattern.search(reply):
            return found[1]
    if items := _ITEM.findall(reply):
        return str(items[0])
    return reply


def _clean(text: str) -> str:
    text = re.sub(r"</?(?:instruction|ins|prompt|text)\b[^>]*>", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"[ \t]+", " ", text).strip()
    for opening, closing in _QUOTES * 2:  # Twice, because one pair may enclose another.
        inner = text[len(opening) : -len(closing)].strip()
        # In `"yes" or "no"` there are quotes at both ends, but not around the whole.
        if text == f"{opening}{inner}{closing}" and opening not in inner and closing not in inner:
            text = inner
    return text
