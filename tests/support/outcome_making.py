"""Outcomes of examples, and vectors of them, for the tests of scoring."""

from collections.abc import Iterable, Sequence

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from transfer_prompting.agents.messages import PromptScored, Purpose
from transfer_prompting.agents.messages.scores import Outcome, Score
from transfer_prompting.agents.scoring.metrics import Vector
from transfer_prompting.prompts.candidate import Candidate
from transfer_prompting.prompts.task import Split

PROPERTY = settings(deadline=None, database=None, max_examples=60)
"""Settings of property tests, which use neither a clock nor files."""

PERCENT = st.integers(0, 100)
PAIRS = st.lists(st.tuples(st.booleans(), PERCENT | st.sampled_from([0, 50, 100])), max_size=40)
"""Pairs of right or wrong and a confidence in percent, with many ties among them."""


def vectors(pairs: Sequence[tuple[bool, int]]) -> tuple[Vector, Vector]:
    """Return the pairs as two vectors, with confidences in [0, 1]."""
    right = np.array([r for r, _ in pairs], dtype=np.float64)
    return right, np.array([c / 100 for _, c in pairs], dtype=np.float64)


def outcome(
    number: int,
    correct: bool,
    confidence: float | None = None,
    followed: bool | None = None,
    answer: str | None = "yes",
) -> Outcome:
    """Return the outcome of the example with that number."""
    return Outcome(
        example=f"e{number}", answer=answer, correct=correct, followed=followed, confidence=confidence
    )


def outcomes(right: str, confidence: float | None = None) -> list[Outcome]:
    """Return outcomes from a word of + and -, such as "++-"."""
    return [outcome(n, sign == "+", confidence) for n, sign in enumerate(right)]


def graded(
    values: Iterable[float],
    *,
    weights: Sequence[float] = (),
    metrics: Sequence[dict[str, float]] = (),
) -> list[Outcome]:
    """Return outcomes with these values of the main metric, and with weights and further metrics if given."""
    return [
        Outcome(
            example=f"e{n}",
            answer="some words",
            correct=value >= 1,
            followed=None,
            confidence=None,
            graded=float(value),
            weight=weights[n] if weights else 1.0,
            metrics=metrics[n] if metrics else {},
        )
        for n, value in enumerate(values)
    ]


def scores_of(
    candidate: Candidate,
    score: Score,
    found: Iterable[Outcome],
    task: str,
    purpose: Purpose = "search",
    split: Split = "dev",
) -> PromptScored:
    """Return the scores of a candidate in the target stage, without tokens."""
    return PromptScored(
        stage="target",
        step=1,
        purpose=purpose,
        candidate=candidate.id,
        task=task,
        split=split,
        score=score,
        outcomes=tuple(found),
        prompt_tokens=0,
        completion_tokens=0,
    )
