"""The worth of each prompt for its tokens."""

from dataclasses import dataclass

from ...agents.messages import PromptScored, Stage, StageFinished
from ...agents.scoring.objective import MAIN
from ...agents.search.pareto import front
from .history import RunHistory
from .leaderboard import held_out


@dataclass(frozen=True, slots=True)
class PromptWorth:
    """A prompt of a stage by its main metric and by the tokens of an answer, request included."""

    prompt: str
    stage: Stage
    metric: float
    """The main metric."""
    tokens: float
    """Mean tokens per example."""
    examples: int
    on_front: bool
    """Whether no other of these prompts is as good for fewer tokens, or better for as many."""
    on_run_front: bool
    """Whether it is on the run's own Pareto front, over every measure that has a weight."""


def prompt_worths(history: RunHistory, stage: Stage) -> list[PromptWorth]:
    """Return the prompts of a stage that have answered as many examples as its best; few prove little."""
    board = history.state.leaderboards.get(stage)
    best = board.best() if board else None
    if board is None or best is None:
        return []
    tokens = _tokens(history, stage)
    rows = [
        row
        for row in board.rows.values()
        if row.n >= best.n and row.candidate.id in tokens and not row.withdrawn
    ]
    points: dict[str, dict[str, float | None]] = {
        row.candidate.id: {MAIN: row.measure(MAIN), "thrift": -tokens[row.candidate.id]} for row in rows
    }
    cheapest = set(front(points, (MAIN, "thrift")))
    finished = {id_ for _, m in history.of(StageFinished) if m.stage == stage for id_ in m.front}
    return [
        PromptWorth(
            prompt=row.candidate.id,
            stage=stage,
            metric=row.measure(MAIN) or 0.0,
            tokens=tokens[row.candidate.id],
            examples=row.n,
            on_front=row.candidate.id in cheapest,
            on_run_front=row.candidate.id in finished,
        )
        for row in rows
    ]


def _tokens(history: RunHistory, stage: Stage) -> dict[str, float]:
    """Return the mean tokens of an answer in this stage, by prompt."""
    spent: dict[str, list[int]] = {}
    for _, message in history.of(PromptScored):
        if message.stage == stage and not held_out(message):
            sums = spent.setdefault(message.candidate, [0, 0])
            sums[0] += message.prompt_tokens + message.completion_tokens
            sums[1] += len(message.outcomes)
    return {id_: total / count for id_, (total, count) in spent.items() if count}
