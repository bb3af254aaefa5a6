"""Fingerprints: what an example asks, in the short forms in which it is compared with all others."""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate, chain
from typing import Any
from zlib import crc32

import numpy

from ..message_templates import value_text
from ..task import Example
from ..wording import option_key, single_spaced, spaced_key, text_key

FEWEST_WORDS = 8
"""Texts with fewer words are never similar: a single word makes another question of them."""
FEWEST_SHUFFLED = 4
"""Number of words from which the same parts in another order are nearly the same text."""
SKETCH = 8
"""Number of triples by which similar texts are found: those with the smallest checksums.

Two similar texts share several of them (a bottom-k sketch: Broder 1997, "On the resemblance and containment
of documents"). Checksums are the same in every process, unlike Python's hashes.
"""
_SENTENCE_ENDS = " .!?,;…\"'“”‘’«»。！？，、"
_WORD = re.compile(r"\w+|[^\w\s]")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\b[^\W\d]*+\d\w*+")
_LONGEST_KEPT = 200
"""Number of characters of an answer whose key is kept for the next example."""
_LONGEST_PART = 40
"""Number of characters of a part of a text whose checksums are kept for the next text."""
_MOST_PARTS = 2**16
"""Number of parts whose checksums are kept."""
_AT_ONCE = 256
"""Number of examples whose words are counted together."""
_MASK = numpy.uint64(2**32 - 1)
_Sums = Any  # An array of checksums; numpy's own type says no more.
Words = Sequence[str]


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
    """Eight bytes for each triple, of which four tell what must be equal apart from the words."""


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


def fingerprints(examples: Sequence[Example], shown: Sequence[str] = ()) -> Iterator[Fingerprint]:
    """Yield what each example asks, of which the model sees the columns `shown`."""
    for first in range(0, len(examples), _AT_ONCE):
        yield from _finished([_begun(example, shown) for example in examples[first : first + _AT_ONCE]])


@dataclass(frozen=True, slots=True)
class _Begun:
    """A fingerprint whose words have not been counted."""

    strict: bytes
    loose: bytes
    words: Sequence[Sequence[int]]
    """Checksums of the words of each text."""
    fixed: int
    """Checksum of what must be equal in texts that are nearly equal."""
    answers: int
    """Checksum of the answers and the choices."""


def _begun(example: Example, shown: Sequence[str]) -> _Begun:
    choices = sorted(map(single_spaced, example.choices or ()))
    answers = sorted(answers_of(example))
    spaced = [single_spaced(text) for text in shown_texts(example, shown)]
    keys = [spaced_key(text) for text in spaced]
    words = [list(chain.from_iterable(map(_checksums, key.split()))) for key in keys]
    numbers = [number for key in keys if _DIGIT.search(key) for number in _NUMBER.findall(key)]
    # Short texts differ even if the others are the same, such as questions on a long context.
    short = [key if len(own) < FEWEST_WORDS else "" for key, own in zip(keys, words, strict=True)]
    chosen = _joined([*answers, "", *choices])
    loose = [*map(_loose, keys), *(_loose(option_key(one)) for one in choices), "", *answers]
    return _Begun(
        strict=_digest([*spaced, *choices]),
        loose=_digest(loose),
        words=words,
        fixed=crc32(_joined([*sorted(numbers), "", *short]), crc32(chosen)),
        answers=crc32(chosen),
    )


def _finished(begun: Sequence[_Begun]) -> Iterator[Fingerprint]:
    """Yield the fingerprints of several examples, whose words are counted together."""
    every = chain.from_iterable(own for one in begun for own in (*one.words, (0,)))
    sums = numpy.array(array("Q", every), dtype=numpy.uint64)
    sizes = [sum(map(len, one.words)) + 1 for one in begun]
    starts = list(accumulate(sizes, initial=0))[:-1]
    totals = numpy.add.reduceat(sums, starts) ^ numpy.add.reduceat(sums * sums, starts)
    sketches = _sketches(sums, [_telling(one.words, start) for one, start in zip(begun, starts, strict=True)])
    for one, total, sketch in zip(begun, totals.tolist(), sketches, strict=True):
        enough = max(map(len, one.words)) >= FEWEST_SHUFFLED
        yield Fingerprint(
            strict=one.strict,
            loose=one.loose,
            shuffled=total ^ one.answers << 32 if enough else None,
            sketch=(sketch | one.fixed << 32).tobytes() if len(sketch) else b"",
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


class _Checksums(dict[str, tuple[int, ...]]):
    """Part of a text between blanks -> checksums of its words and signs, kept for short parts."""

    def __missing__(self, part: str) -> tuple[int, ...]:
        found = tuple(crc32(word.encode()) for word in _WORD.findall(part))
        if len(part) <= _LONGEST_PART and len(self) < _MOST_PARTS:
            self[part] = found
        return found


_checksums = _Checksums().__getitem__


def _telling(words: Sequence[Sequence[int]], start: int) -> tuple[int, int]:
    """Return the position of the most telling text among all words, and its number of words.

    It is the shortest text that is not too short: a question rather than its context.
    """
    found = (start, 0)
    for own in words:
        if len(own) >= FEWEST_WORDS and (not found[1] or len(own) < found[1]):
            found = (start, len(own))
        start += len(own)
    return found


def _sketches(sums: _Sums, texts: Sequence[tuple[int, int]]) -> list[_Sums]:
    """Return the smallest checksums of the triples of each text, which is a part of `sums`."""
    counts = numpy.array([max(0, size - 2) for _, size in texts])
    before = numpy.cumsum(counts) - counts
    starts = numpy.array([start for start, _ in texts])
    places = numpy.repeat(starts - before, counts) + numpy.arange(counts.sum())
    triples = sums[places] ^ (sums[places + 1] << 7 & _MASK) ^ (sums[places + 2] << 15 & _MASK)
    texts_of = numpy.repeat(numpy.arange(len(texts), dtype=numpy.uint64), counts)
    ordered = numpy.sort(texts_of << 32 | triples)
    ordered = ordered[numpy.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    ends = numpy.searchsorted(ordered, numpy.arange(1, len(texts) + 1, dtype=numpy.uint64) << 32)
    return [
        ordered[first : min(end, first + SKETCH)] & _MASK
        for first, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)
    ]
