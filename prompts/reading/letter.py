"""Answers of type "letter": the letter of one of the example's choices."""

import re
from collections.abc import Sequence
from string import ascii_uppercase
from unicodedata import normalize

from ..task import AnswerFormat, Example
from .options import named
from .phrases import explained, without_lead, without_trail
from .sentences import stated_option
from .wording import layers, loose

_LONGEST = 2000
"""Number of characters above which a text is no letter, even with an explanation."""
_ARTICLE = re.compile(r"\W*[a-z]\W*")
"""A small letter in a sentence, which is more likely an article than an answer."""
_ALONE = re.compile(r"[(\[{<]?\s?([A-Za-z])\s?[)\]}>.:]{0,3}")
# A dash separates the letter from the choice only if a blank follows it: "A. -5" has the choice -5.
_WITH_WORDS = re.compile(
    r"[(\[{<]?([A-Za-z])(?:[)\]}>]*[.):\]}>]+[ \t\n]*(?:[-–—]\s+)?|\s*[-–—]+\s+|\s*[,(\[=]\s*|\s+)(.+)",
    re.DOTALL,
)


def read_letter(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the upper-case letter of the choice that `text` names; None if it names none or several.

    Accepted are "B", "(b)", "B. the second choice", and the words of the second choice alone, also with an
    explanation. Words that two choices share are no answer, nor is a letter with the words of another.
    """
    choices = example.choices or ()
    if len(text) > _LONGEST:
        return None

    def whole(part: str) -> str | None:
        return _whole(part, choices)

    def names_another(rest: str, letter: str) -> bool:
        words = loose(rest)
        return any(
            ascii_uppercase[index] != letter and re.search(rf"(?<!\w){re.escape(loose(choice))}(?!\w)", words)
            for index, choice in enumerate(choices)
            if loose(choice)
        )

    text = normalize("NFKC", text) if re.match(r"\W*[Ａ-Ｚａ-ｚ]\b", text) else text
    if (letter := whole(text) or whole(text.replace("`", "").replace("**", ""))) is not None:
        return letter
    for layer in layers(text):
        words = _WITH_WORDS.fullmatch(without_lead(layer))
        own = _index(words[1], choices) if words else None
        if words and own is not None and (other := _choice(words[2], choices)) is not None and other != own:
            return None
        if (letter := explained(without_lead(layer), whole, names_another)) is not None:
            return letter
    return stated_option(text, lambda part: None if _ARTICLE.fullmatch(part) else whole(part), names_another)


def same_letter(one: str, other: str) -> bool:
    """Return whether two upper-case letters are the same."""
    return one == other


def _whole(text: str, choices: Sequence[str]) -> str | None:
    for layer in layers(text):
        for words in (layer, without_trail(without_lead(layer))):
            if (index := _named(words, choices)) is not None:
                return ascii_uppercase[index]
    return None


def _named(text: str, choices: Sequence[str]) -> int | None:
    text = text.strip()
    if alone := _ALONE.fullmatch(text):
        index = _index(alone[1], choices)
        return index if index is not None else named(text, choices)
    if len(text) > 1 and (both := _WITH_WORDS.fullmatch(text)):
        index = _index(both[1], choices)
        if index is not None and _choice(both[2], choices, prefer=index) == index:
            return index
    return named(text, choices)


def _index(letter: str, choices: Sequence[str]) -> int | None:
    index = ord(letter.upper()) - ord("A")
    return index if 0 <= index < len(choices) else None


def _choice(text: str, choices: Sequence[str], prefer: int | None = None) -> int | None:
    """Return the index of the choice that `text` is, in any dress; `prefer` if several are the same."""
    for layer in layers(text):
        if prefer is not None and named(layer, (choices[prefer],)) is not None:
            return prefer
        if (index := named(layer, choices)) is not None:
            return index
    return None
