"""The grid of answers: prompts by development examples."""

from transfer_prompting.orchestration.projections.answer_grid import AnswerGrid, answer_grid
from transfer_prompting.orchestration.projections.history import RunHistory


def grid_of(history: RunHistory) -> AnswerGrid:
    """Return the grid, which a run with scores has."""
    grid = answer_grid(history)
    assert grid is not None
    return grid


def test_rows_are_the_ranking(account: RunHistory) -> None:
    """The rows are the prompts of the target stage from the best to the worst, and one is the user's own."""
    board, grid = account.state.leaderboards["target"], grid_of(account)
    assert [row.prompt for row in grid.rows] == [row.candidate.id for row in board.ranked()]
    own = board.best_initial()
    assert own is not None
    assert [row.prompt for row in grid.rows if row.own] == [own.candidate.id]


def test_cells_are_the_answers(account: RunHistory) -> None:
    """A cell is the main metric of the answer, or None if the prompt was not asked about the example."""
    board, grid = account.state.leaderboards["target"], grid_of(account)
    for row in grid.rows:
        outcomes = board.history.outcomes(row.prompt)
        assert sum(value is not None for value in row.values) == len(outcomes) == row.examples
        for example, value in zip(grid.examples, row.values, strict=True):
            outcome = outcomes.get((example.task, example.example))
            assert value == (outcome.value if outcome else None)


def test_the_order_of_the_examples(account: RunHistory) -> None:
    """Examples that most prompts have answered come first, and of these the easiest."""
    examples = grid_of(account).examples
    assert [(one.answers, one.value) for one in examples] == sorted(
        ((one.answers, one.value) for one in examples), reverse=True
    )


def test_no_score_no_grid(account: RunHistory) -> None:
    """A run that has just begun has no grid."""
    assert answer_grid(RunHistory(account.run, account.opening)) is None
