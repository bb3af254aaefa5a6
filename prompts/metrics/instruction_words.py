"""Instructions of IFEval about words: keywords, lengths, letters, case and language."""

import re

from ..errors import MetricError
from .feedback import listed, shown
from .instruction_arguments import Arguments, demand, number, text, texts
from .languages import NAMES, may_be_in
from .words import count_sentences

_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_FIRST_WORD_ENDS = re.compile(r"[.,?!'\"]")


def existence(reply: str, arguments: Arguments) -> str | None:
    """All keywords occur, in any case."""
    lower = reply.lower()
    lacking = [word for word in texts(arguments, "keywords") if word.lower() not in lower]
    return f"it must contain {listed(map(shown, lacking))}" if lacking else None


def frequency(reply: str, arguments: Arguments) -> str | None:
    """A keyword occurs often or rarely enough."""
    keyword = text(arguments, "keyword").strip()
    count = reply.lower().count(keyword.lower())
    return demand(count, arguments, "relation", "frequency", f"times the word {shown(keyword)}")


def forbidden_words(reply: str, arguments: Arguments) -> str | None:
    """None of the words occurs as a whole word."""
    found = [
        word
        for word in texts(arguments, "forbidden_words")
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", reply, re.IGNORECASE)
    ]
    return f"it must not contain {listed(map(shown, found))}" if found else None


def letter_frequency(reply: str, arguments: Arguments) -> str | None:
    """A letter, in any case, occurs often or rarely enough."""
    letter = text(arguments, "letter").strip()
    count = reply.lower().count(letter.lower())
    return demand(count, arguments, "let_relation", "let_frequency", f"times the sign {shown(letter)}")


def response_language(reply: str, arguments: Arguments) -> str | None:
    """The reply is in a language, as far as its script and its common words tell."""
    code = text(arguments, "language").lower().partition("-")[0]
    if code not in NAMES:
        raise MetricError(f"its language {code!r} cannot be checked; known are {', '.join(sorted(NAMES))}")
    return None if may_be_in(reply, code) else f"it must be written in {NAMES[code]} alone"


def number_sentences(reply: str, arguments: Arguments) -> str | None:
    """There are enough or few enough sentences."""
    return demand(count_sentences(reply), arguments, "relation", "num_sentences", "sentences")


def number_words(reply: str, arguments: Arguments) -> str | None:
    """There are enough or few enough words, counted as runs of letters and digits."""
    return demand(len(_WORD.findall(reply)), arguments, "relation", "num_words", "words")


def nth_paragraph_first_word(reply: str, arguments: Arguments) -> str | None:
    """There are as many paragraphs as demanded, between empty lines, and one begins with a given word."""
    wanted, nth = number(arguments, "num_paragraphs"), number(arguments, "nth_paragraph")
    first = text(arguments, "first_word").lower()
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", reply) if part.strip()]
    if len(paragraphs) != wanted:
        return f"it must have {wanted} paragraphs with empty lines between them and has {len(paragraphs)}"
    if not 1 <= nth <= wanted:
        raise MetricError(f"its argument nth_paragraph is {nth}, with {wanted} paragraphs")
    word = _FIRST_WORD_ENDS.split(paragraphs[nth - 1].split()[0].lstrip("'\""))[0].lower()
    return None if word == first else f"paragraph {nth} must begin with {shown(first)}"


def capital_word_frequency(reply: str, arguments: Arguments) -> str | None:
    """There are enough or few enough words in capital letters alone."""
    count = sum(word.isupper() for word in _TOKEN.findall(reply))
    return demand(count, arguments, "capital_relation", "capital_frequency", "words in capital letters alone")


def english_capital(reply: str, arguments: Arguments) -> str | None:
    """The reply is in English and has no small letters."""
    if not reply.isupper():
        return "it must be in capital letters only"
    return None if may_be_in(reply, "en") else "it must be written in English"


def english_lowercase(reply: str, arguments: Arguments) -> str | None:
    """The reply is in English and has no capital letters."""
    if not reply.islower():
        return "it must be in small letters only"
    return None if may_be_in(reply, "en") else "it must be written in English"
