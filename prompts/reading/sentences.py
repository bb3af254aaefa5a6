"""Sentences that state an option: "The domain is: travel", "I would go with B"."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from .phrases import Read, changes_mind, explained
from .wording import layers

_SURE = (
    r"(?:(?:clearly|most|likely|probably|definitely|certainly|best|mainly|primarily|mostly|overall|very|strongly|"
    r"highly|largely|generally|predominantly|overwhelmingly|extremely)\s+)"
)
_WHAT = r"(?:\s+(?:it|this|that)(?:\s+\w+)?|\s+the\s+\w+)"
_VERBS = (
    r"(?:goes|should\s+go|should\s+be\s+(?:sent|routed|assigned|forwarded))\s+to",
    r"(?:is|are)\s+(?:about|related\s+to|concerned\s+with|classified\s+as|categori[sz]ed\s+as|labell?ed(?:\s+as)?)",
    r"(?:can|should|would)\s+be\s+(?:classified|categori[sz]ed|labell?ed|described|considered|seen|tagged|rated)"
    r"(?:\s+as)?",
    r"(?:is|are|would\s+be|should\s+be|must\s+be|seems(?:\s+to\s+be)?|appears(?:\s+to\s+be)?)",
    r"(?:belongs\s+(?:to|in|under)|falls\s+(?:under|into|in|within)|fits(?:\s+best)?(?:\s+(?:in|into|under))?)",
    r"(?:relates\s+to|pertains\s+to|concerns|expresses|conveys|indicates|suggests|reflects|has|carries|shows|feels|"
    r"sounds)",
    rf"(?:classify|categori[sz]e|label|tag|rate|describe|mark){_WHAT}?\s+as",
    rf"(?:rate|give){_WHAT}|deserves",
    r"(?:choose|pick|select|predict|assign|go\s+with|opt\s+for)",
)
_CONNECTOR = re.compile(
    rf"\s*(?:[:=：＝]|->|→|=>|⇒)\s*|(?:\s|^)(?:{_SURE}?(?:{'|'.join(_VERBS)}))(?:\s*:)?\s+", re.IGNORECASE
)
"""What stands between a subject and the label."""
_WHICH = ", which"
"""What joins a statement to what it follows from: "He complains, which suggests anger"."""
_INTRODUCTION = re.compile(
    r"(?:according\s+to|based\s+on|judging\s+by|looking\s+at|given)\s[^,:.\n]{1,100},\s*", re.IGNORECASE
)
_FIELD = re.compile(r"[^:\n]{1,60}[:=]")
"""The beginning of a line such as "Sentiment: negative"."""
CONCLUSION = re.compile(
    r"(?P<before>.{0,2000}[,.;!\n])\s{0,9}(?:and\s)?(?:so|thus|therefore|hence|consequently)\b,?\s+(?P<clause>.+)",
    re.IGNORECASE | re.DOTALL,
)
"""A text whose last clause draws a conclusion."""
_SHORT_IS = re.compile(r"(?<=\w)['’]s\s")
_ARTICLE = re.compile(
    rf"{_SURE}*(?:(?:the|a|an)\s+)?{_SURE}*"
    r"(?:(?:clear\s+)?(?:case|example|instance|rating|score|grade)\s+of\s+)?",
    re.IGNORECASE,
)
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
_GRADE = frozenset(("score",))
"""Words that are no doubt before an option that is a number."""
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
    if (found := _in_lines(text.strip().splitlines(), in_sentence)) is not None:
        option, others = found
        return None if names_another(others, option) else option
    if concluded := CONCLUSION.match(text):
        option = in_sentence(concluded["clause"])
        return None if option is None or names_another(concluded["before"], option) else option
    return None


def _in_lines(lines: Sequence[str], in_sentence: Read) -> tuple[str, str] | None:
    """Return the option that the last line states, or else a field such as "Topic: travel".

    All other lines come with it. None if there is none, or if the line after the field takes it back.
    """
    numbers = [number for number, line in enumerate(lines[:-1]) if _FIELD.match(line)][-_MOST:]
    for number in [len(lines) - 1, *numbers] if len(lines) > 1 else []:
        after = next(filter(str.strip, lines[number + 1 :]), "")
        option = None if changes_mind(after) else in_sentence(lines[number])
        if option is not None:
            return option, "\n".join([*lines[:number], *lines[number + 1 :]])
    return None


def _stated(text: str, read: Read) -> Iterator[tuple[str, str]]:
    """Yield the options that a sentence may state, each with the words before it.

    Sentences with a denial or a doubt before the option state none.
    """
    if (option := _plain(text, read)) is not None:
        yield "", option
    text = _SHORT_IS.sub(" is ", text)
    if (introduced := _INTRODUCTION.match(text)) and (
        option := _plain(text[introduced.end() :], read)
    ) is not None:
        yield introduced[0], option
    for connector in islice(_CONNECTOR.finditer(text), _MOST):
        whole, which, clause = text[: connector.start()].rpartition(_WHICH)
        before = f"it{clause}" if which and whole else clause
        option = _plain(text[connector.end() :], read)
        if option is not None and is_sure(before, _GRADE if option.isdecimal() else frozenset()):
            yield before, option


def is_sure(before: str, usual: frozenset[str] = frozenset()) -> bool:
    """Return whether words before a statement neither deny nor doubt it; those that are `usual` do not."""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(before)]
    sure = all((word not in _UNSURE or word in usual) and not word.endswith("n't") for word in words)
    return 0 < len(words) <= _MOST_WORDS and sure


def _plain(words: str, read: Read) -> str | None:
    """Return the option that words name besides an article and what a label says something about."""
    article = _ARTICLE.match(words)
    bare = words[article.end() :] if article else words
    for part in dict.fromkeys((words, bare, _NOUN.sub("", bare))):
        if (option := read(part)) is not None:
            return option
    return None
