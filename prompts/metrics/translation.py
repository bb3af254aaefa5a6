"""Metrics "bleu" and "chrf" of the library sacrebleu, for one output at a time.

Sources: Papineni et al., BLEU (2002); Popović, chrF (2015); Post, A Call for Clarity in Reporting BLEU Scores
(2018). BLEU of one sentence is smoothed exponentially and uses the effective order, as sacrebleu advises.
"""

from functools import cache
from typing import Any, Literal

from pydantic import Field, model_validator

from ..errors import MetricError
from .feedback import shown
from .grade import Grade
from .metric import Case, GoldOptions

_LONGEST = 20_000
"""Number of characters of a text that is looked at, because chrF of a million takes minutes."""


class _TranslationOptions(GoldOptions):
    @model_validator(mode="after")
    def _sacrebleu_is_installed(self) -> "_TranslationOptions":
        _sacrebleu()
        return self


class BleuOptions(_TranslationOptions):
    """Options of "bleu"."""

    tokenize: Literal["13a", "intl", "zh", "char", "none"] = "13a"
    """How sacrebleu divides texts into words."""


class ChrfOptions(_TranslationOptions):
    """Options of "chrf"."""

    word_order: int = Field(default=0, ge=0, le=4)
    """Longest word n-gram that counts beside the characters; 2 makes it chrF++."""


def grade_bleu(options: BleuOptions, case: Case) -> Grade:
    """Return BLEU of the answer against all right answers, in [0, 1]."""
    return _grade(_bleu(options.tokenize), case)


def grade_chrf(options: ChrfOptions, case: Case) -> Grade:
    """Return chrF of the answer against the right answer that fits best, in [0, 1]."""
    return _grade(_chrf(options.word_order), case)


def chrf_title(options: ChrfOptions) -> str:
    """Return the name of the metric in the literature."""
    return "chrF++" if options.word_order == 2 else "chrF"


def _grade(scorer: Any, case: Case) -> Grade:
    if case.text.strip() in {gold.strip() for gold in case.golds}:
        return Grade(1.0)
    golds = [gold[:_LONGEST] for gold in case.golds]
    value = float(scorer.sentence_score(case.text[:_LONGEST], golds).score) / 100
    if value >= 1:
        return Grade(1.0)
    return Grade(max(value, 0.0), f"Reference: {shown(case.golds[0])}, got {shown(case.text)}.")


@cache
def _bleu(tokenize: str) -> Any:
    return _sacrebleu().BLEU(tokenize=tokenize, effective_order=True)


@cache
def _chrf(word_order: int) -> Any:
    return _sacrebleu().CHRF(word_order=word_order)


@cache
def _sacrebleu() -> Any:
    # Imported where it is needed, because it takes a fifth of a second and an installation may lack it.
    try:
        from sacrebleu import metrics
    except ImportError as error:
        raise MetricError(
            "bleu and chrf need the package sacrebleu. Install it: pip install 'transfer-prompting[metrics]'"
        ) from error
    return metrics
