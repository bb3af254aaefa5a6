"""Metrics "rouge_1", "rouge_2" and "rouge_l": n-grams or the longest subsequence in common with a reference.

Source: Lin, ROUGE: A Package for Automatic Evaluation of Summaries (2004). The values are F-measures without
stemming, as those of the library rouge-score, with two differences: words of all scripts count, and a text
equal to its reference is worth 1 even if it is too short for an n-gram. The best reference counts.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from .feedback import listed, shown
from .grade import Grade
from .metric import Case, GoldOptions
from .words import words

LONGEST = 100_000
"""Number of characters of a text that is looked at."""
_LEAST_LETTERS = 4


class RougeOptions(GoldOptions):
    """Options of the metrics by ROUGE."""


def rouge_n(n: int) -> Callable[[RougeOptions, Case], Grade]:
    """Return the function of the metric that compares n-grams."""

    def grade(options: RougeOptions, case: Case) -> Grade:
        """Return the F-measure of the n-grams in common."""
        return _best(case, lambda got, wanted: _ngrams_in_common(got, wanted, n), n)

    return grade


def grade_rouge_l(options: RougeOptions, case: Case) -> Grade:
    """Return the F-measure of the longest common subsequence of words."""
    return _best(case, longest_common_subsequence, 1)


def longest_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    Bits of one integer stand for the places in `other`, so that a step costs a few operations on machine
    words (Hyyrö, Bit-Parallel LCS-length Computation Revisited, 2004).
    """
    places: dict[str, int] = {}
    for at, word in enumerate(other):
        places[word] = places.get(word, 0) | 1 << at
    all_places = (1 << len(other)) - 1
    free = all_places
    for word in one:
        if found := free & places.get(word, 0):
            free = (free + found | free - found) & all_places
    return len(other) - free.bit_count()


def _ngrams_in_common(got: Sequence[str], wanted: Sequence[str], n: int) -> int:
    return (_ngrams(got, n) & _ngrams(wanted, n)).total()


def _ngrams(tokens: Sequence[str], n: int) -> Counter[object]:
    return Counter(tokens) if n == 1 else Counter(zip(*(tokens[at:] for at in range(n)), strict=False))


def _best(case: Case, common: Callable[[Sequence[str], Sequence[str]], int], n: int) -> Grade:
    got = words(case.text[:LONGEST])
    best, gold = max(
        ((_measured(case.text, got, gold, common, n), gold) for gold in case.golds),
        key=lambda one: one[0].value,
    )
    if best.value == 1:
        return best
    return Grade(best.value, _feedback(case.text, got, gold), best.parts)


def _measured(
    text: str, got: list[str], gold: str, common: Callable[[Sequence[str], Sequence[str]], int], n: int
) -> Grade:
    wanted = words(gold[:LONGEST])
    if got == wanted and (got or text.strip() == gold.strip()):
        return Grade(1.0, parts={"precision": 1.0, "recall": 1.0})
    found, possible = max(len(got) - n + 1, 0), max(len(wanted) - n + 1, 0)
    if not found or not possible:
        return Grade(0.0, parts={"precision": 0.0, "recall": 0.0})
    same = common(got, wanted)
    return Grade(2 * same / (found + possible), parts={"precision": same / found, "recall": same / possible})


def _feedback(text: str, got: list[str], gold: str) -> str:
    wanted = words(gold[:LONGEST])
    said = f"Reference: {shown(gold)}."
    known = set(got)
    missing = dict.fromkeys(word for word in wanted if word not in known and len(word) >= _LEAST_LETTERS)
    if missing:
        said += f" Its words that the answer lacks: {listed((shown(word, 30) for word in missing), 8)}."
    if len(got) > 2 * len(wanted) or 2 * len(got) < len(wanted):
        said += f" The answer has {len(got)} words, the reference {len(wanted)}."
    elif not missing:
        said += f" The answer puts it differently: {shown(text)}."
    return said
