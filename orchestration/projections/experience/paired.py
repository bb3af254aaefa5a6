"""What sentences fixed and broke: prompts against those they were made from, on examples that both answered.

A prompt and its parent differ in few sentences, and an example is about as difficult for the one as for the
other. The comparison says what was measured and no more: without answers to the same examples it says
nothing, and where several sentences changed at once it cannot tell which of them did it. A parent was often
chosen for its answers to these very examples, partly by luck, so more seems broken than is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ....agents.experience.learning import sentences_of
from ....agents.scoring.paired_test import p_different
from ....prompts.candidate import Candidate

SentenceKey = tuple[str, str]
"""Name of a text, empty if a prompt is one text, and a sentence of it."""
ExampleKey = tuple[str, str]
"""Digest of a task and id of one of its examples."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class PairedCounts:
    """How many examples a sentence fixed and broke. `p` is that of chance alone (exact McNemar test)."""

    pairs: int
    """Number of pairs of a prompt and its parent of which one holds the sentence."""
    alone: bool
    """True if the prompts of each pair differ in nothing but the sentence."""
    examples: int
    """Number of examples that both prompts of a pair have answered."""
    fixed: int
    broke: int
    p: float


@dataclass(frozen=True, slots=True)
class PairedChanges:
    """The examples whose main metric was higher with a sentence, and lower, on the mean of the pairs."""

    pairs: int
    alone: bool
    examples: int
    fixed: tuple[ExampleKey, ...]
    broke: tuple[ExampleKey, ...]

    @property
    def counts(self) -> PairedCounts:
        """The numbers of examples."""
        fixed, broke = len(self.fixed), len(self.broke)
        p = p_different([1.0] * fixed + [-1.0] * broke, seed=0)
        return PairedCounts(self.pairs, self.alone, self.examples, fixed, broke, round(p, 6))


@dataclass(frozen=True, slots=True)
class _Pair:
    """The changes between two prompts of which one holds the sentence: with it minus without it."""

    alone: bool
    changes: Mapping[ExampleKey, float]


def paired_changes(
    candidates: Mapping[str, Candidate],
    answers: Mapping[str, Mapping[ExampleKey, float]],
    names: Sequence[str],
) -> dict[SentenceKey, PairedChanges]:
    """Return what each sentence has changed, for those that a prompt has gained or lost against a parent.

    `answers` maps candidate -> example -> main metric, `names` are those of a prompt's texts. Of several
    parents the one counts from which the prompt differs in the fewest sentences. If there are pairs that
    differ in one sentence alone, only they count for it.
    """
    parts = {id_: _Parts.of(candidates[id_].text, names) for id_ in answers}
    pairs: dict[SentenceKey, list[_Pair]] = defaultdict(list)
    for child in sorted(answers):
        parents = [one for one in candidates[child].parents if one != child and one in answers]
        compared = [one for one in parents if answers[one].keys() & answers[child].keys()]
        if not compared:
            continue
        parent = min(compared, key=lambda one: len(parts[one].sentences ^ parts[child].sentences))
        mine, theirs = answers[child], answers[parent]
        changes = {key: mine[key] - theirs[key] for key in mine.keys() & theirs.keys()}
        for sentence, pair in _differing(parts[child], parts[parent], changes):
            pairs[sentence].append(pair)
    return {sentence: _summed(found) for sentence, found in pairs.items()}


@dataclass(frozen=True, slots=True)
class _Parts:
    sentences: frozenset[SentenceKey]
    rest: str
    """All else: demonstrations, and text that is no sentence to be told apart."""

    @classmethod
    def of(cls, prompt: str, names: Sequence[str]) -> "_Parts":
        by_text = sentences_of(prompt, names)
        rest = prompt
        for sentence in chain(*by_text.values()):
            rest = rest.replace(sentence, "", 1)
        single = len(names) == 1
        keys = (("" if single else name, one) for name, found in by_text.items() for one in found)
        return cls(frozenset(keys), " ".join(rest.split()))


def _differing(
    child: _Parts, parent: _Parts, changes: Mapping[ExampleKey, float]
) -> list[tuple[SentenceKey, _Pair]]:
    differing = child.sentences ^ parent.sentences
    alone = len(differing) == 1 and child.rest == parent.rest
    taken_out = {key: -change for key, change in changes.items()}
    return [
        (one, _Pair(alone, changes if one in child.sentences else taken_out)) for one in sorted(differing)
    ]


def _summed(pairs: Sequence[_Pair]) -> PairedChanges:
    chosen = [pair for pair in pairs if pair.alone] or pairs
    total: dict[ExampleKey, float] = defaultdict(float)
    for pair in chosen:
        for key, change in pair.changes.items():
            total[key] += change
    return PairedChanges(
        pairs=len(chosen),
        alone=chosen[0].alone,
        examples=len(total),
        fixed=tuple(sorted(key for key, change in total.items() if change > _ROUNDING)),
        broke=tuple(sorted(key for key, change in total.items() if change < -_ROUNDING)),
    )
