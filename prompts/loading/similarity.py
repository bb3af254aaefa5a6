"""When two examples ask the same: their texts are equal, or nearly equal with the same right answer."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from zlib import crc32

from ..task import Example
from ..wording import option_key, single_spaced

_NEAR = 0.8
"""Share of common word triples (Jaccard similarity) from which two texts are nearly equal."""
_FEWEST_WORDS = 8
"""Texts with fewer words are never similar: a single word makes another question of them."""
_FEWEST_SHUFFLED = 4
"""Number of words from which the same parts in another order are nearly the same text."""
_MOST_MOVED = 2
"""Number of places at which such parts may be joined in another way. Names that swap places change more."""
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
_SKETCH = 8
"""Number of triples by which similar texts are found: those with the smallest checksums.

Two texts with a similarity of `_NEAR` share several of them (a bottom-k sketch: Broder 1997, "On the
resemblance and containment of documents"). Checksums are the same in every process, unlike Python's hashes.
"""
_MOST_LISTED = 500
"""A triple that more texts share comes from a template and tells nothing."""
_MOST_COMPARED = 20
"""Number of texts to which one text is compared. With `_MOST_LISTED` it bounds the time for each text."""
_SENTENCE_ENDS = " .!?,;…\"'“”‘’«»。！？，、"
_NUMBER = re.compile(r"\b(?=\w*\d)\w+")
_WORD = re.compile(r"\w+|[^\w\s]")
_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Question of an example, in the forms in which it is compared."""

    where: str
    """Place of the example."""
    strict: tuple[str, ...]
    """Texts in Unicode form C with single blanks. Equal ones ask the same, whatever their answers."""
    loose: tuple[object, ...]
    """Texts without case and punctuation at their ends, and the answers."""
    answers: frozenset[str]
    """Right answers; those of type "letter" as the choices that they name."""
    question: _Words
    context: _Words
    numbers: tuple[str, ...]
    """Words with digits, sorted."""

    @property
    def choices(self) -> tuple[str, ...]:
        """Choices in alphabetical order."""
        return self.strict[2:]

    @property
    def group(self) -> tuple[object, ...]:
        """Properties that must be equal in nearly equal examples, apart from their words."""
        # Short questions on a long context differ even if the context is the same.
        short = self.question if len(self.question) < _FEWEST_WORDS else None
        return (self.answers, self.choices, self.numbers, short)

    @property
    def shuffled(self) -> tuple[object, ...] | None:
        """Words without their order; None if they are too few to tell the same text."""
        if len(self.question) < _FEWEST_SHUFFLED:
            return None
        return (tuple(sorted(self.question)), tuple(sorted(self.context)), self.choices, self.answers)


def fingerprint(where: str, example: Example) -> Fingerprint:
    """Return what `example` asks."""
    question, context = example.question, example.context or ""
    choices = sorted(map(single_spaced, example.choices or ()))
    answers = frozenset(option_key(_named(example, answer)) for answer in example.right_answers)
    return Fingerprint(
        where,
        strict=(single_spaced(question), single_spaced(context), *choices),
        loose=(*map(_loose, (question, context, *choices)), answers),
        answers=answers,
        question=tuple(_WORD.findall(option_key(question))),
        context=tuple(_WORD.findall(option_key(context))),
        numbers=tuple(sorted(_NUMBER.findall(option_key(f"{question} {context}")))),
    )


class ExactIndex:
    """Examples that later ones must not repeat exactly. The first of several equal ones is kept."""

    def __init__(self) -> None:
        self._by_form: dict[object, Fingerprint] = {}

    def add(self, found: Fingerprint) -> None:
        """Add an example."""
        self._by_form.setdefault(found.strict, found)
        self._by_form.setdefault(("loose", found.loose), found)

    def find(self, found: Fingerprint) -> Fingerprint | None:
        """Return the example that asks exactly the same, if there is one."""
        return self._by_form.get(found.strict) or self._by_form.get(("loose", found.loose))


class NearIndex:
    """Examples that others must not nearly repeat."""

    def __init__(self) -> None:
        self._shuffled: dict[object, Fingerprint] = {}
        self._groups: dict[object, dict[int, list[Fingerprint]]] = defaultdict(lambda: defaultdict(list))

    def add(self, found: Fingerprint) -> None:
        """Add an example."""
        if shuffled := found.shuffled:
            self._shuffled.setdefault(shuffled, found)
        if sketch := _sketch(found):
            lists = self._groups[found.group]
            for checksum in sketch:
                lists[checksum].append(found)

    def find(self, found: Fingerprint) -> Fingerprint | None:
        """Return an example that asks nearly the same and has the same answers, if there is one."""
        if (shuffled := found.shuffled) and (twin := self._shuffled.get(shuffled)) and _moved(found, twin):
            return twin
        lists = self._groups.get(found.group)
        if not lists:
            return None
        shared: Counter[int] = Counter()
        by_id: dict[int, Fingerprint] = {}
        for checksum in _sketch(found):
            listed = lists.get(checksum, ())
            if len(listed) <= _MOST_LISTED:
                by_id |= {id(other): other for other in listed}
                shared.update(map(id, listed))
        candidates = (by_id[key] for key, _ in shared.most_common(_MOST_COMPARED))
        return next((other for other in candidates if _near(found, other)), None)


def _named(example: Example, answer: str) -> str:
    """Return the choice that a letter names; any other answer as it is."""
    index = ord(answer) - ord("A") if len(answer) == 1 else -1
    choices = example.choices or ()
    return choices[index] if 0 <= index < len(choices) else answer


def _loose(text: str) -> str:
    key = option_key(text)
    return key.strip(_SENTENCE_ENDS) or key


def _triples(words: Sequence[str]) -> set[_Words]:
    return set(zip(words, words[1:], words[2:], strict=False))


def _sketch(found: Fingerprint) -> list[int]:
    words = found.question if len(found.question) >= _FEWEST_WORDS else found.context
    if len(words) < _FEWEST_WORDS:
        return []
    return sorted({crc32(" ".join(triple).encode()) for triple in _triples(words)})[:_SKETCH]


def _moved(one: Fingerprint, other: Fingerprint) -> bool:
    """Return whether two texts with the same words consist of the same few parts in another order."""
    pairs = [Counter(zip(found.question, found.question[1:], strict=False)) for found in (one, other)]
    return (pairs[0] - pairs[1]).total() <= _MOST_MOVED


def _near(one: Fingerprint, other: Fingerprint) -> bool:
    return _alike(one.question, other.question) and _alike(one.context, other.context)


def _alike(one: _Words, other: _Words) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < _FEWEST_WORDS:
        return False
    first, second = _triples(one), _triples(other)
    return len(first & second) >= _NEAR * len(first | second) or _is_edited(one, other)


def _is_edited(one: _Words, other: _Words) -> bool:
    """Return whether one text becomes the other by a few words more or less, or misspelt ones.

    A word in the place of quite another word makes another question, as in texts from one template.
    """
    if max(len(one), len(other)) > _MOST_WORDS:
        return False
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
