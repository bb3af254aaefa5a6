"""Growth of the best score with the cost of a run, and the worth of each prompt for its tokens."""

from dataclasses import dataclass

from ...agents.messages import (
    PromptScored,
    RaceFinished,
    ScoringRequested,
    Stage,
    StageFinished,
    StageStarted,
)
from ...agents.scoring.objective import MAIN
from ...agents.search.pareto import front
from ...agents.search.score_history import ScoreHistory
from .history import LoggedMessage, RunHistory
from .leaderboard import held_out


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """The best prompt of a stage after a race, with its score on all development examples seen by then."""

    stage: Stage
    step: int
    seconds: float
    tokens: int
    evaluations: int
    """Development examples answered by then, in all stages."""
    prompt: str
    score: float
    examples: int


def learning_curve(history: RunHistory) -> list[LearningPoint]:
    """Return one point for each race, in order."""
    stages: dict[Stage, ScoreHistory] = {}
    points = []
    for logged in history.messages:
        match logged.message:
            case StageStarted() as message:
                stages[message.stage] = ScoreHistory(message.tasks, history.state.weights)
            case ScoringRequested() as message if not held_out(message):
                stages.setdefault(message.stage, ScoreHistory(())).add(message.candidate)
            case PromptScored() as message if not held_out(message):
                # The messages that began the stage and named the prompt may have been redacted.
                scores = stages.setdefault(message.stage, ScoreHistory(()))
                if message.candidate in scores:
                    scores.record(message)
                scores.exclude((message.task, example) for example in message.excluded)
            case RaceFinished() as message:
                points += _points(logged, message, stages.get(message.stage))
    return points


def _points(logged: LoggedMessage, message: RaceFinished, scores: ScoreHistory | None) -> list[LearningPoint]:
    best = message.winner or message.against
    if best is None or scores is None or best not in scores or not scores.by_task(best):
        return []
    point = LearningPoint(
        stage=message.stage,
        step=message.step,
        seconds=logged.clock,
        tokens=logged.tokens,
        evaluations=logged.evaluations,
        prompt=best,
        score=scores.score(best),
        examples=scores.examples(best),
    )
    return [point]


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
