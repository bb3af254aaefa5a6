"""How the best score of each stage grew with what was spent, and which prompts were worth their tokens."""

from dataclasses import dataclass

from ...agents.messages import PromptScored, RaceFinished, Stage, StageFinished
from ...agents.search.pareto import front
from .history import RunHistory
from .leaderboard import held_out


@dataclass(frozen=True, slots=True)
class Point:
    """The best prompt of a stage after a race, with its score on all development examples seen by then."""

    stage: Stage
    step: int
    seconds: float
    tokens: int
    prompt: str
    score: float
    examples: int


def learning(account: RunHistory) -> list[Point]:
    """A point for each race, in order: the best prompt then and its score then."""
    scores: dict[tuple[Stage, str, str], PromptScored] = {}
    points = []
    for said in account.said:
        match said.message:
            case PromptScored() as m if not held_out(m):
                scores[m.stage, m.candidate, m.task] = m
            case RaceFinished(stage=stage, step=step, winner=winner, against=against):
                best = winner or against
                known = [m for (s, id_, _), m in scores.items() if s == stage and id_ == best]
                if best and known:
                    score = sum(m.score.composite for m in known) / len(known)
                    seen = sum(m.seen for m in known)
                    points.append(Point(stage, step, said.clock, said.tokens, best, score, seen))
    return points


@dataclass(frozen=True, slots=True)
class Worth:
    """A prompt of a stage by accuracy and by the tokens of an answer, the request included."""

    prompt: str
    stage: Stage
    accuracy: float
    tokens: float
    """Per example."""
    examples: int
    on_front: bool
    """Whether no other of these is as accurate for fewer tokens, or more accurate for as many."""
    on_run_front: bool
    """Whether it is on the front of the run itself, over every measure that has a weight."""


def worths(account: RunHistory, stage: Stage) -> list[Worth]:
    """The prompts of a stage that have answered as many examples as its best; few answers prove little."""
    board = account.view.boards.get(stage)
    best = board.best() if board else None
    if board is None or best is None:
        return []
    tokens = _tokens(account, stage)
    rows = [row for row in board.rows.values() if row.n >= best.n and row.candidate.id in tokens]
    points: dict[str, dict[str, float | None]] = {
        row.candidate.id: {
            "accuracy": row.measure("accuracy"),
            "thrift": -tokens[row.candidate.id],
        }
        for row in rows
    }
    ahead = set(front(points, ("accuracy", "thrift")))
    told = {id_ for _, m in account.of(StageFinished) if m.stage == stage for id_ in m.front}
    return [
        Worth(
            prompt=row.candidate.id,
            stage=stage,
            accuracy=row.measure("accuracy") or 0.0,
            tokens=tokens[row.candidate.id],
            examples=row.n,
            on_front=row.candidate.id in ahead,
            on_run_front=row.candidate.id in told,
        )
        for row in rows
    ]


def _tokens(account: RunHistory, stage: Stage) -> dict[str, float]:
    """Prompt -> tokens of an answer in this stage, on average."""
    spent: dict[str, list[int]] = {}
    for _, message in account.of(PromptScored):
        if message.stage == stage and not held_out(message):
            sums = spent.setdefault(message.candidate, [0, 0])
            sums[0] += message.prompt_tokens + message.completion_tokens
            sums[1] += len(message.outcomes)
    return {id_: total / count for id_, (total, count) in spent.items() if count}
