"""Answers of type "letter": the letter of one of the example's choices."""

import re

from ..task import AnswerFormat, Example
from .wording import bare, folded

# A dash separates the letter from the choice only if a blank follows it: "A. -5" has the choice -5.
_LETTER = re.compile(r"\(?([A-Za-z])\)?(?:(?:[.):\s]+(?:-\s+)?|-\s+)(.*))?", re.DOTALL)


def read_letter(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the upper-case letter of the choice that `text` names; None if it names none.

    Accepted are "B", "(b)", "B. the second choice", and the words of the second choice alone. Words that two
    choices share are no answer.
    """
    choices = example.choices or ()
    text = bare(text)
    if found := _LETTER.fullmatch(text):
        letter, words = found[1].upper(), (found[2] or "").strip()
        index = ord(letter) - ord("A")
        if index < len(choices) and (not words or folded(words) == folded(choices[index])):
            return letter
    same = [index for index, choice in enumerate(choices) if folded(choice) == folded(text)]
    return chr(ord("A") + same[0]) if len(same) == 1 else None
