"""Fingerprints: what an example asks, in the short forms in which it is compared with all others."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any
from zlib import crc32

import numpy

from ..message_templates import value_text
from ..task import Example
from ..wording import option_key, single_spaced, text_key

FEWEST_WORDS = 8
"""Texts with fewer words are never similar: a single word makes another question of them."""
_FEWEST_SHUFFLED = 4
"""Number of words from which the same parts in another order are nearly the same text."""
_SKETCH = 8
"""Number of triples by which similar texts are found: those with the smallest checksums.

Two similar texts share several of them (a bottom-k sketch: Broder 1997, "On the resemblance and containment of
documents"). Checksums are the same in every process, unlike Python's hashes.
"""
_SENTENCE_ENDS = " .!?,;…\"'“”‘’«»。！？，、"
_WORD = re.compile(r"\w+|[^\w\s]")
_DIGIT = re.compile(r"\d")
_LONGEST_KEPT = 200
"""Number of characters of an answer whose key is kept for the next example."""
_LONGEST_WORD = 64
"""Number of characters of a word whose checksum is kept for the next text."""
_MOST_WORDS = 2**15
"""Number of words whose checksums are kept."""
_MASK = 2**32 - 1
_Sums = Any  # An array of checksums; numpy's own type says no more.
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an example asks."""

    strict: bytes
    """Digest of the texts in Unicode form C with single blanks. Equal ones ask the same."""
    loose: bytes
    """Digest of the texts without case and punctuation at their ends, and of the answers."""
    shuffled: int | None
    """Checksum of the words without their order and of the answers; None if the words are too few."""
    sketch: bytes
    """Eight bytes for each triple of the sketch, of which four tell what must be equal apart from the words."""


def shown_texts(example: Example, shown: Sequence[str]) -> tuple[str, ...]:
    """Return the texts that the model sees of an example: the columns `shown`, or question and context."""
    if not shown:
        return (example.question, example.context or "")
    return tuple(value_text(example.columns[name]) for name in shown)


def words_of(text: str) -> Words:
    """Return the words and signs of a text, without case."""
    return tuple(_WORD.findall(text_key(text)))


def answers_of(example: Example) -> frozenset[str]:
    """Return the keys of the right answers; those of type "letter" as the choices that they name."""
    return frozenset(_answer_key(_named(example, answer)) for answer in example.right_answers)


def fingerprint(example: Example, shown: Sequence[str] = ()) -> Fingerprint:
    """Return what `example` asks, of which the model sees the columns `shown`."""
    texts = shown_texts(example, shown)
    choices = sorted(map(single_spaced, example.choices or ()))
    answers = sorted(answers_of(example))
    spaced = [single_spaced(text) for text in texts]
    keys = [text.lower() if text.isascii() else text_key(text) for text in spaced]
    words = [tuple(_WORD.findall(key)) for key in keys]
    numbers = [word for key, own in zip(keys, words, strict=True) if _DIGIT.search(key)
               for word in own if _DIGIT.search(word)]  # fmt: skip
    # Short texts differ even if the others are the same, such as questions on a long context.
    short = [key if len(own) < FEWEST_WORDS else "" for key, own in zip(keys, words, strict=True)]
    fixed = crc32(_joined([*answers, "", *choices, "", *sorted(numbers), "", *short]))
    sums = [numpy.array(list(map(_checksum, own)), dtype=numpy.uint64) for own in words]
    return Fingerprint(
        strict=_digest([*spaced, *choices]),
        loose=_digest([*map(_loose, keys), *(_loose(option_key(one)) for one in choices), "", *answers]),
        shuffled=_shuffled(sums, crc32(_joined([*answers, "", *choices]))),
        sketch=_sketch(_most_telling(sums), fixed),
    )


def _named(example: Example, answer: str) -> str:
    """Return the choice that a letter names; any other answer as it is."""
    index = ord(answer) - ord("A") if len(answer) == 1 else -1
    choices = example.choices or ()
    return choices[index] if 0 <= index < len(choices) else answer


def _answer_key(answer: str) -> str:
    return option_key(answer) if len(answer) <= _LONGEST_KEPT else text_key(answer)


def _loose(key: str) -> str:
    return key.strip(_SENTENCE_ENDS) or key


def _joined(parts: Sequence[str]) -> bytes:
    return "\x1f".join(parts).encode()


def _digest(parts: Sequence[str]) -> bytes:
    return blake2b(_joined(parts), digest_size=12).digest()


class _Checksums(dict[str, int]):
    """Word -> its checksum, kept for common words."""

    def __missing__(self, word: str) -> int:
        found = crc32(word.encode())
        if len(word) <= _LONGEST_WORD and len(self) < _MOST_WORDS:
            self[word] = found
        return found


_checksum = _Checksums().__getitem__


def _most_telling(sums: Sequence[_Sums]) -> _Sums:
    """Return the words of the shortest text that is not too short: a question rather than its context."""
    long = [own for own in sums if len(own) >= FEWEST_WORDS]
    return min(long, key=len) if long else sums[0]


def _sketch(sums: _Sums, fixed: int) -> bytes:
    if len(sums) < FEWEST_WORDS:
        return b""
    triples = numpy.sort(sums[:-2] ^ (sums[1:-1] << 7 & _MASK) ^ (sums[2:] << 15 & _MASK))
    smallest = dict.fromkeys(triples[: 3 * _SKETCH].tolist())
    if len(smallest) < _SKETCH:  # Some triples stand in the text many times.
        smallest = dict.fromkeys(triples.tolist())
    return array("Q", [fixed << 32 | triple for triple in islice(smallest, _SKETCH)]).tobytes()


def _shuffled(sums: Sequence[_Sums], fixed: int) -> int | None:
    """Return a checksum that is the same for the same words in another order."""
    if max(map(len, sums)) < _FEWEST_SHUFFLED:
        return None
    found = fixed
    for own in sums:
        if len(own) < _FEWEST_SHUFFLED:
            total = crc32(own.tobytes())
        else:
            total = int(own.sum()) ^ int((own * own).sum())
        found = (found * 1_000_003 + total) & (2**64 - 1)
    return found
