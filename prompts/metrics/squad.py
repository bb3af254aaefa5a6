"""Metrics "squad_exact" and "token_f1": words in common after SQuAD's normalisation.

Source: Rajpurkar et al., SQuAD: 100,000+ Questions for Machine Comprehension of Text (2016), and its official
evaluation script. The best of several right answers counts.
"""

from collections import Counter

from .feedback import expected_and_got, listed, shown
from .grade import Grade
from .metric import Case, GoldOptions
from .words import ARTICLES, squad_tokens


class SquadOptions(GoldOptions):
    """Options of "squad_exact" and "token_f1"."""

    articles: tuple[str, ...] = ARTICLES
    """Words that do not count."""


def grade_squad_exact(options: SquadOptions, case: Case) -> Grade:
    """Return 1 if the normalised answer equals a normalised right answer, or else 0."""
    got = squad_tokens(case.text, options.articles)
    if any(squad_tokens(gold, options.articles) == got for gold in case.golds):
        return Grade(1.0)
    return Grade(0.0, expected_and_got(case.golds, case.text))


def grade_token_f1(options: SquadOptions, case: Case) -> Grade:
    """Return the harmonic mean of the precision and the recall of the answer's words."""
    got = squad_tokens(case.text, options.articles)
    best = max((_compared(got, gold, options.articles) for gold in case.golds), key=lambda one: one[0].value)
    grade, gold = best
    if grade.value == 1:
        return grade
    wanted = squad_tokens(gold, options.articles)
    missing, surplus = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
    said = f"Expected {shown(gold)}, got {shown(case.text)}."
    if missing and grade.value > 0:
        said += f" Missing words: {listed(shown(word, 30) for word in missing)}."
    elif surplus and grade.value > 0:
        said += f" Needless words: {listed(shown(word, 30) for word in surplus)}."
    return Grade(grade.value, said, grade.parts)


def token_f1(got: list[str], wanted: list[str]) -> tuple[float, float, float]:
    """Return F1, precision and recall of the words `got`."""
    if not got or not wanted:
        same = float(got == wanted)
        return same, same, same
    common = (Counter(got) & Counter(wanted)).total()
    return 2 * common / (len(got) + len(wanted)), common / len(got), common / len(wanted)


def _compared(got: list[str], gold: str, articles: tuple[str, ...]) -> tuple[Grade, str]:
    value, precision, recall = token_f1(got, squad_tokens(gold, articles))
    return Grade(value, parts={"precision": precision, "recall": recall}), gold
