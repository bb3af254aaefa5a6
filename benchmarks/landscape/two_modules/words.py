"""The language of the module `retrieve`, and its translation into that of the landscapes with one prompt.

The text of `answer` is written in the language of `landscape.words`. That of `retrieve` has the same topics
and sentences of its own, one for one, so that whatever reads or writes the one language serves both.
"""

import re
from collections.abc import Mapping

from ..words import ADVICE, DEFECT, OPENINGS, TOPICS

RETRIEVE, ANSWER = "retrieve", "answer"
"""Names of the two texts."""

COLLECTIONS = {
    "seal": "harbour orders",
    "crown": "royal decrees",
    "star": "night notices",
    "wheel": "traffic rules",
    "crest": "port statutes",
    "bell": "safety bulletins",
}
"""Part of the archive that a rule of `retrieve` names, by its clue: the mark that an envelope bears."""
SEARCH_OPENINGS = (
    "Write the query that finds the notice for the message.",
    "Find the notice that the message needs.",
    "Name what to search for in the archive.",
    "Say which search of the archive fits the message.",
    "Choose the search that the message calls for.",
    "Turn the message into a search of the archive.",
)
"""First sentences of a text of `retrieve`. All are worth the same."""
SEARCH_DEFECT = "Reply with the code number of the notice and nothing else."
"""A sentence that makes every query unusable, because notices have no code numbers."""
NOT_FOUND = "No notice was found."

_SEARCHES = tuple(f"search the {collection}" for collection in COLLECTIONS.values())
_MARKS = tuple(f"the envelope bears the {mark}" for mark in COLLECTIONS)
_CLUES = tuple(f"the {clue} is underlined" for clue in ADVICE)
_SENTENCES = tuple(
    zip((*SEARCH_OPENINGS, SEARCH_DEFECT, *_SEARCHES), (*OPENINGS, DEFECT, *ADVICE.values()), strict=True)
)
"""Sentences of the two texts, in pairs."""
_PAIRS = (*_SENTENCES, *zip(_MARKS, _CLUES, strict=True))
_NOTICE = re.compile(rf"\bnotice on ({'|'.join(TOPICS)}) matters", re.IGNORECASE)
_NOTICE_CLUE = re.compile(rf"({_NOTICE.pattern}: the (?:{'|'.join(ADVICE)})) is underlined", re.IGNORECASE)


def collection(clue: str) -> str:
    """Return the part of the archive that stands for a clue of `landscape.words`."""
    return COLLECTIONS[list(COLLECTIONS)[list(ADVICE).index(clue)]]


def mark(clue: str) -> str:
    """Return the mark on an envelope that stands for a clue of `landscape.words`."""
    return list(COLLECTIONS)[list(ADVICE).index(clue)]


def notice(topic: str, clue: str) -> str:
    """Return a notice of the archive, which underlines the clue for the module `answer`."""
    return f"Notice on {topic} matters: the {clue} is underlined."


def topic_of_notice(text: str) -> str | None:
    """Return the topic of the first notice in `text`; None if it shows none."""
    found = _NOTICE.search(text)
    return found[1].lower() if found else None


def from_retrieve(text: str) -> str:
    """Translate sentences of `retrieve` into those of `landscape.words`. A notice's clue becomes mute."""
    return _replaced(_NOTICE_CLUE.sub(r"\1 is marked", text), _FROM)


def to_retrieve(text: str) -> str:
    """Translate sentences of `landscape.words` into those of `retrieve`."""
    return _replaced(text, _TO)


def retrieve_sentences(text: str) -> int:
    """Return the number of openings, rules and defects of `retrieve` in `text`."""
    return len(_OWN_SEARCH.findall(text))


def answer_sentences(text: str) -> int:
    """Return the number of openings, rules and defects of `answer` in `text`."""
    return len(_OWN_ANSWER.findall(text))


def _either(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, phrases)), re.IGNORECASE)


def _replaced(text: str, phrases: Mapping[str, str]) -> str:
    return _either(list(phrases)).sub(lambda found: phrases[found[0].casefold()], text)


# Sentences of `answer` mean nothing to `retrieve`, so they change places with its own.
_FROM = {search.casefold(): base for search, base in _PAIRS} | {
    base.casefold(): search for search, base in _SENTENCES
}
_TO = {base.casefold(): search for search, base in _PAIRS} | {
    search.casefold(): base for search, base in _SENTENCES
}
_OWN_SEARCH = _either([search for search, _ in _SENTENCES])
_OWN_ANSWER = _either([base for _, base in _SENTENCES])
