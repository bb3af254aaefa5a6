"""The answers of a stage as a grid: a row for each prompt, a column for each development example."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from ...agents.search.score_history import ExampleKey
from .current_standing import current_leaderboard, top_prompts
from .history import RunHistory
from .leaderboard import Leaderboard

MOST_PROMPTS, MOST_EXAMPLES = 40, 200
"""A larger grid would be too fine to be read."""


@dataclass(frozen=True, slots=True)
class GridExample:
    """A column: an example with the mean of the main metric over the shown prompts that answered it."""

    task: str
    example: str
    question: str | None
    """None if it was redacted."""
    value: float
    answers: int
    """Number of these prompts."""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A prompt with the main metric of each of its answers; None if it was not asked."""

    prompt: str
    own: bool
    """True for the best of the user's own prompts."""
    score: float
    examples: int
    """Number of examples that it has answered, those that are not shown included."""
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class AnswerGrid:
    """The best prompts of a stage from the best to the worst, on the examples that most of them answered."""

    stage: str
    examples: tuple[GridExample, ...]
    """Those first that most prompts have answered, and of these the easiest."""
    rows: tuple[GridRow, ...]
    all_examples: int
    """Number of examples that any prompt has answered."""
    all_prompts: int
    """Number of prompts with a score."""


def answer_grid(history: RunHistory) -> AnswerGrid | None:
    """Return the grid of the target stage, or of the stage under way; None before the first score."""
    board = current_leaderboard(history.state)
    rows = top_prompts(board, MOST_PROMPTS) if board else []
    if board is None or not rows:
        return None
    values = {row.candidate.id: _values(board, row.candidate.id) for row in rows}
    examples = _examples(history, values.values())
    own = board.best_initial()
    # Chosen in the order of the data, so that no easy ones are picked, and only then put in order.
    shown = sorted(examples[:MOST_EXAMPLES], key=lambda one: (-one.answers, -one.value))
    return AnswerGrid(
        stage=board.stage,
        examples=tuple(shown),
        rows=tuple(
            GridRow(
                prompt=row.candidate.id,
                own=row is own,
                score=row.score or 0.0,
                examples=row.n,
                values=tuple(values[row.candidate.id].get((one.task, one.example)) for one in shown),
            )
            for row in rows
        ),
        all_examples=len(examples),
        all_prompts=len(board.ranked()),
    )


def _values(board: Leaderboard, prompt: str) -> dict[ExampleKey, float]:
    return {key: outcome.value for key, outcome in board.history.outcomes(prompt).items()}


def _examples(history: RunHistory, answers: Iterable[Mapping[ExampleKey, float]]) -> list[GridExample]:
    """Return the examples, those first that most prompts have answered."""
    found: dict[ExampleKey, list[float]] = {}
    for values in answers:
        for key, value in values.items():
            found.setdefault(key, []).append(value)
    examples = [_example(history, key, values) for key, values in found.items()]
    return sorted(examples, key=lambda one: -one.answers)


def _example(history: RunHistory, key: ExampleKey, values: list[float]) -> GridExample:
    known = history.example(*key)
    return GridExample(*key, known.question if known else None, fmean(values), len(values))
