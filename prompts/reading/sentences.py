"""Sentences that state an answer: "The domain is: travel", "I would go with B", "There are 8 of them"."""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from .phrases import Read, explained
from .wording import layers

_SURE = r"(?:(?:clearly|most|likely|probably|definitely|certainly|best|mainly|primarily|mostly|overall)\s+)"
_VERBS = (
    r"(?:goes|should\s+go|should\s+be\s+(?:sent|routed|assigned|forwarded))\s+to",
    r"(?:is|are)\s+(?:about|related\s+to|concerned\s+with|classified\s+as|categori[sz]ed\s+as|labell?ed(?:\s+as)?)",
    r"(?:is|are|would\s+be|should\s+be|must\s+be|seems(?:\s+to\s+be)?|appears(?:\s+to\s+be)?)",
    r"(?:belongs\s+(?:to|in|under)|falls\s+(?:under|into|in|within)|fits(?:\s+best)?(?:\s+(?:in|into|under))?)",
    r"(?:relates\s+to|pertains\s+to|concerns|expresses|conveys|indicates|suggests|reflects)",
    r"(?:classify|categori[sz]e|label|tag|rate|describe|mark)(?:\s+(?:it|this|that)(?:\s+\w+)?|\s+the\s+\w+)?\s+as",
    r"(?:choose|pick|select|go\s+with|opt\s+for)",
)
_CONNECTOR = re.compile(
    rf"\s*(?:[:=：＝]|->|→|=>|⇒)\s*|(?:\s|^)(?:{_SURE}?(?:{'|'.join(_VERBS)}))(?:\s*:)?\s+", re.IGNORECASE
)
"""What stands between a subject and the label."""
_NUMBER = re.compile(
    r"(?P<before>[^.!?;\d]{1,200}?\b(?:is|are|be|equals?|has|have|makes?|costs?|needs?|gets?|comes? to|"
    r"amounts? to|totals?)\b(?:\s+[^\W\d]+){0,4}|[^.!?;\d]{1,200}[:=])[^\w.!?\n]{0,6}\d[^!?;\n]*\Z",
    re.IGNORECASE,
)
"""A sentence with one number, and what stands before it."""
_THERE = re.compile(r"\bthere(?=\s+(?:is|are)\b)", re.IGNORECASE)
_CONCLUDING = re.compile(
    r"\b(?:total|sum|so|thus|therefore|hence|altogether|in all|final|finally|answer|overall|result)\b",
    re.IGNORECASE,
)
_SHORT_IS = re.compile(r"(?<=\w)['’]s\s")
_ARTICLE = re.compile(rf"{_SURE}*(?:(?:the|a|an)\s+)?", re.IGNORECASE)
_NOUN = re.compile(
    r"\s+(?:domain|category|class|label|topic|group|queue|team|department|intent|sentiment|section|type|genre|"
    r"emotion|tone|mood|option|one|review|message|question|request|text|sentence|statement|tweet|post|e-?mail)"
    r"\W{0,3}\Z",
    re.IGNORECASE,
)
"""What a label says something about."""
_WORDS = """
not no never nor neither none cannot without if unless whether could might may maybe perhaps possibly either
or but than opposite wrong incorrect except hardly rather second another other others alternative
alternatively possible example former latter sometimes partly partially also first initially previously
unlikely less least instead unclear there what which who why how can wait actually were was
confidence certainty probability likelihood score question questions answers options labels categories
choices input reason explanation because note context task instruction instructions rule hint draft
let suppose assume step about approximately around roughly nearly almost
"""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MOST_WORDS = 15
_MOST = 6
"""Highest number of connectors that are looked at."""
_UNSURE = frozenset(_WORDS.split())
"""Words before a label by which a sentence does not state it, or not surely."""


def stated_option(text: str, read: Read, names_another: Callable[[str, str], bool]) -> str | None:
    """Return the option that `text` states in a sentence, or in its last line; None if it states none.

    `read` reads what is nothing but an option. `names_another(words, option)` says whether words name another
    one: no statement is clear beside such words.
    """

    def in_sentence(part: str) -> str | None:
        found = _stated(part, read)
        return next((option for before, option in found if not names_another(before, option)), None)

    for layer in layers(text):
        if (option := in_sentence(layer)) is not None:
            return option
        if (option := explained(layer, in_sentence, names_another, read)) is not None:
            return option
    *before, last = text.strip().splitlines() or [""]
    option = in_sentence(last) if before else None
    return None if option is None or names_another("\n".join(before), option) else option


def stated_number(text: str) -> str:
    """Return the sentence of `text` that states a number, as in "There are 8 of them."; "" if none does.

    It is the only line, or a last one that draws a conclusion.
    """
    *before, last = text.splitlines() or [""]
    found = _NUMBER.match(last)
    if found is None or (before and not _CONCLUDING.search(found["before"])):
        return ""
    return last if _is_sure(_THERE.sub("", found["before"])) else ""


def _stated(text: str, read: Read) -> Iterator[tuple[str, str]]:
    """Yield the options that a sentence may state, each with the words before it.

    Sentences with a denial or a doubt before the option state none.
    """
    if (option := _plain(text, read)) is not None:
        yield "", option
    text = _SHORT_IS.sub(" is ", text)
    for connector in islice(_CONNECTOR.finditer(text), _MOST):
        before = text[: connector.start()]
        if _is_sure(before) and (option := _plain(text[connector.end() :], read)) is not None:
            yield before, option


def _is_sure(before: str) -> bool:
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(before)]
    sure = all(word not in _UNSURE and not word.endswith("n't") for word in words)
    return 0 < len(words) <= _MOST_WORDS and sure


def _plain(words: str, read: Read) -> str | None:
    """Return the option that words name besides an article and what a label says something about."""
    article = _ARTICLE.match(words)
    bare = words[article.end() :] if article else words
    for part in dict.fromkeys((words, bare, _NOUN.sub("", bare))):
        if (option := read(part)) is not None:
            return option
    return None
