"""Rows that follow from the state of a run: its status, its scores and its cost."""

from ....agents.messages.scores import Score
from ....storage.row_buffer import RowBuffer
from ..leaderboard import MEASURES
from ..run_state import RunState
from .schema import CandidateRow, CostRow, MeasureRow, RunRow, ScoreRow


def complete(rows: RowBuffer, state: RunState) -> None:
    """Write what `state` says into the rows of its run, replacing what stood there."""
    _run(rows, state)
    examples: dict[str, int] = {}
    for stage, board in state.leaderboards.items():
        for id_, row in board.rows.items():
            examples[id_] = examples.get(id_, 0) + row.n
            for task, score in row.history.scores(id_).items():
                _score(rows, (state.run, stage, id_, task, "dev"), score)
    for id_, count in examples.items():
        if (candidate := rows.get(CandidateRow, state.run, id_)) is not None:
            candidate["examples"] = count
    for id_ in state.finals.finalists:
        stage, task = state.finals.stage(id_), state.finals.task(id_)
        _score(rows, (state.run, stage, id_, task, "test"), state.finals.score(id_))
    _costs(rows, state)


def _run(rows: RowBuffer, state: RunState) -> None:
    winner, finished = state.winner, state.finished
    row = rows.at(RunRow, state.run)
    row |= {
        "status": state.status,
        "seconds": state.elapsed,
        "stage": state.stage,
        "step": state.step,
        "best": winner.id if winner else None,
        "improved": finished.improved if finished else None,
        "verdict": state.verdict,
        "error": state.error,
    }


def _score(rows: RowBuffer, key: tuple[str, ...], score: Score) -> None:
    row = rows.at(ScoreRow, *key)
    row |= {
        "examples": score.measures["accuracy"].n if "accuracy" in score.measures else 0,
        "composite": score.composite,
    }
    row |= {name: score.value(name) for name in MEASURES}
    for name, measure in score.measures.items():
        taken = rows.at(MeasureRow, *key, name)
        taken |= measure.model_dump()


def _costs(rows: RowBuffer, state: RunState) -> None:
    for role, spent in state.spending.roles.items():
        row = rows.at(CostRow, state.run, role)
        row |= {
            "requests": spent.requests,
            "prompt_tokens": spent.prompt_tokens,
            "completion_tokens": spent.completion_tokens,
            "lost_tokens": spent.lost_tokens,
            "money": spent.money if state.spending.priced else None,
        }
