"""When two examples ask the same: their texts are equal, or nearly equal with the same right answer."""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import numpy

from .fingerprints import FEWEST_SHUFFLED, FEWEST_WORDS, SKETCH, Words, answers_of, shown_texts, words_of
from .placed import Placed

_NEAR = 0.8
"""Share of common word triples (Jaccard similarity) from which two texts are nearly equal."""
_MOST_MOVED = 2
"""Number of places at which the parts of a text may be joined in another way. Swapped names change more."""
_MOST_EDITS = 2
"""Number of words that may be added, left out or misspelt in texts that are less similar than `_NEAR`."""
_MOST_WORDS = 100
"""Longer texts with so few edits are similar by their triples, which takes less time."""
_LONGEST_WORD = 40
"""Number of characters above which words are not compared by their letters."""
_MISSPELT = 0.75
"""Similarity of two words (Ratcliff and Obershelp, as in `difflib`) from which one is the other misspelt."""
_NEGATIONS = frozenset({"not", "no", "never", "nor", "neither", "without", "t", "un", "nicht", "kein", "pas"})
"""Words that turn a text into its opposite."""
_MOST_LISTED = 100
"""Number of texts with the same triple that are paired. A triple of more is from a template."""
_MOST_PAIRS = 2_000_000
"""Number of pairs with a common triple above which the remaining ones are not looked at."""
_FEW = 40
"""Number of characters that make no difference in length."""
_MOST_COMPARED = 20
"""Number of texts to which one text is compared."""


class ExactIndex:
    """Examples that later ones must not repeat exactly. The first of several equal ones is kept."""

    def __init__(self) -> None:
        self._by_form: dict[bytes, Placed] = {}

    def add(self, one: Placed) -> None:
        """Add an example."""
        self._by_form.setdefault(one.found.strict, one)
        self._by_form.setdefault(one.found.loose, one)

    def find(self, one: Placed) -> Placed | None:
        """Return the example that asks exactly the same, if there is one."""
        return self._by_form.get(one.found.strict) or self._by_form.get(one.found.loose)


class NearIndex:
    """Examples that others must not nearly repeat."""

    def __init__(self, every: Sequence[Placed], shown: Sequence[str]) -> None:
        """`every` holds all examples that will be added or looked for, of which the model sees `shown`."""
        self._shown = shown
        self._shuffled: dict[int, Placed] = {}
        self._similar = _similar(every, shown)
        """Example -> those that share enough triples with it."""
        self._added: set[Placed] = set()

    def add(self, one: Placed) -> None:
        """Add an example."""
        if one.found.shuffled is not None:
            self._shuffled.setdefault(one.found.shuffled, one)
        if one in self._similar:
            self._added.add(one)

    def find(self, one: Placed) -> Placed | None:
        """Return an example that asks nearly the same and has the same answers, if there is one."""
        twin = self._shuffled.get(one.found.shuffled) if one.found.shuffled is not None else None
        if twin and self._moved(one, twin):
            return twin
        similar = [other for other in self._similar.get(one, ()) if other in self._added]
        return self._first_near(one, similar[:_MOST_COMPARED]) if similar else None

    def _first_near(self, one: Placed, others: Sequence[Placed]) -> Placed | None:
        mine = shown_texts(one.example, self._shown)
        words: list[Words] = []
        for other in others:
            its = shown_texts(other.example, self._shown)
            if not all(map(_as_long, mine, its)) or not _same_answers(one, other):
                continue
            words = words or [words_of(text) for text in mine]
            if all(map(_alike, words, map(words_of, its))):
                return other
        return None

    def _words(self, one: Placed) -> list[Words]:
        return [words_of(text) for text in shown_texts(one.example, self._shown)]

    def _moved(self, one: Placed, other: Placed) -> bool:
        """Return whether two examples with the same words consist of the same few parts in another order."""
        moved = 0
        for mine, its in zip(*map(self._words, (one, other)), strict=True):
            if mine != its and len(mine) < FEWEST_SHUFFLED:
                return False
            pairs = [Counter(pairwise(words)) for words in (mine, its)]
            moved += (pairs[0] - pairs[1]).total()
        return moved <= _MOST_MOVED


def _same_answers(one: Placed, other: Placed) -> bool:
    choices = (sorted(found.example.choices or ()) for found in (one, other))
    return answers_of(one.example) == answers_of(other.example) and next(choices) == next(choices)


def _as_long(one: str, other: str) -> bool:
    """Return whether two texts have roughly the same length, as those do that are nearly equal."""
    return len(one) <= 2 * len(other) + _FEW and len(other) <= 2 * len(one) + _FEW


def _similar(every: Sequence[Placed], shown: Sequence[str]) -> dict[Placed, list[Placed]]:
    """Return the examples that share enough triples with each other; most examples have none.

    Whatever the texts are, the work is bounded: see `_MOST_LISTED` and `_MOST_PAIRS`.
    """
    triples = numpy.frombuffer(b"".join(one.found.sketch for one in every), dtype=numpy.uint64)
    owners = numpy.repeat(numpy.arange(len(every)), [len(one.found.sketch) // 8 for one in every])
    order = numpy.argsort(triples, kind="stable")
    triples, owners = triples[order], owners[order]
    pairs: list[Any] = []
    for distance in range(1, _MOST_LISTED):
        same = triples[:-distance] == triples[distance:]
        pairs.append(owners[:-distance][same] * len(every) + owners[distance:][same])
        if not len(pairs[-1]) or sum(map(len, pairs)) > _MOST_PAIRS:
            break
    keys, counts = numpy.unique(numpy.concatenate(pairs or [owners]), return_counts=True)
    fewest = numpy.array([_fewest_shared(one, shown) for one in every] or [1])
    found: dict[Placed, list[Placed]] = {}
    for key in keys[counts >= fewest[keys // max(1, len(every))]].tolist():
        first, second = every[key // len(every)], every[key % len(every)]
        found.setdefault(first, []).append(second)
        found.setdefault(second, []).append(first)
    return found


def _fewest_shared(one: Placed, shown: Sequence[str]) -> int:
    """Return the number of triples of its sketch that an example shares with similar ones, nearly always.

    An edit changes three triples, so that of a long text most stay.
    """
    if len(one.found.sketch) < 8 * SKETCH:
        return 1
    length = max(map(len, shown_texts(one.example, shown)))
    return 1 if length < 70 else 2 if length < 250 else 3 if length < 600 else 4


def _triples(words: Words) -> set[tuple[str, ...]]:
    return set(zip(words, words[1:], words[2:], strict=False))


def _alike(one: Words, other: Words) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < FEWEST_WORDS:
        return False
    first, second = _triples(one), _triples(other)
    return len(first & second) >= _NEAR * len(first | second) or _is_edited(one, other)


def _is_edited(one: Words, other: Words) -> bool:
    """Return whether one text becomes the other by a few words more or less, or misspelt ones.

    A word in the place of quite another word makes another question, as in texts from one template.
    """
    if max(len(one), len(other)) > _MOST_WORDS or abs(len(one) - len(other)) > _MOST_EDITS:
        return False
    if (Counter(one) - Counter(other)).total() > _MOST_EDITS:
        return False  # The matcher is slow, and this bound is not.
    edits = 0
    for kind, start, end, first, last in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        old, new = one[start:end], other[first:last]
        if kind == "replace" and not (len(old) == len(new) and all(map(_misspelt, old, new))):
            return False
        if _NEGATIONS & {*old, *new}:
            return False
        edits += max(len(old), len(new))
    return edits <= _MOST_EDITS


def _misspelt(one: str, other: str) -> bool:
    if max(len(one), len(other)) > _LONGEST_WORD:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _MISSPELT
