"""Growth of the best score with the cost of a run, from the user's own prompt to the held-out examples."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...agents.messages import (
    PromptScored,
    RaceFinished,
    RunFinished,
    ScoringRequested,
    Stage,
    StageStarted,
)
from ...agents.scoring.objective import MAIN
from ...agents.search.score_history import ScoreHistory
from .finalist_scores import finalists_of
from .history import LoggedMessage, RunHistory
from .leaderboard import held_out


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """A prompt at a moment of a stage, with its score on all development examples seen by then.

    It is the best prompt after a race, or the best of the user's own prompts at the beginning.
    """

    stage: Stage
    step: int
    seconds: float
    tokens: int
    evaluations: int
    """Development examples answered by then, in all stages."""
    prompt: str
    score: float
    examples: int
    low: float | None
    """Lower end of the 95% interval of the score; None for a composite score."""
    high: float | None


@dataclass(frozen=True, slots=True)
class CurveEnd:
    """A finalist on the held-out examples, at the moment of the verdict."""

    role: str
    """"best", "initial" or "control"."""
    prompt: str
    seconds: float
    tokens: int
    score: float
    examples: int
    low: float | None
    """Lower end of the 95% interval of the score; None for a composite score."""
    high: float | None


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The course of a run: where each stage began, the best prompt after each race, and the verdict."""

    starts: tuple[LearningPoint, ...]
    """The best of the user's own prompts in each stage: dated at the beginning, scored in the first race."""
    points: tuple[LearningPoint, ...]
    """One point for each race, in order."""
    ends: tuple[CurveEnd, ...]
    """The finalists on the held-out examples; empty before the verdict."""


def learning_curve(history: RunHistory) -> LearningCurve:
    """Return the course of a run."""
    fold = _Fold(history)
    for logged in history.messages:
        fold.apply(logged)
    return LearningCurve(tuple(fold.starts.values()), tuple(fold.points), tuple(_ends(history)))


class _Fold:
    """The scores of each stage as they grow."""

    def __init__(self, history: RunHistory) -> None:
        self.starts: dict[Stage, LearningPoint] = {}
        self.points: list[LearningPoint] = []
        self._history = history
        self._began: dict[Stage, LoggedMessage] = {}
        self._scores: dict[Stage, ScoreHistory] = {}

    def apply(self, logged: LoggedMessage) -> None:
        """Take in the next message."""
        match logged.message:
            case StageStarted() as message:
                self._began[message.stage] = logged
                self._scores[message.stage] = ScoreHistory(message.tasks, self._history.state.weights)
            case ScoringRequested() as message if not held_out(message):
                self._of(message.stage).add(message.candidate)
            case PromptScored() as message if not held_out(message):
                scores = self._of(message.stage)
                if message.candidate in scores:
                    scores.record(message)
                scores.exclude((message.task, example) for example in message.excluded)
            case RaceFinished() as message:
                self._start(message.stage)
                best = message.winner or message.against
                self.points += self._point(logged, message.stage, message.step, best)

    def _of(self, stage: Stage) -> ScoreHistory:
        # The messages that began the stage and named the prompt may have been redacted.
        return self._scores.setdefault(stage, ScoreHistory(()))

    def _start(self, stage: Stage) -> None:
        """Enter the best of the user's own prompts, if this is the first race that has scored it."""
        board = self._history.state.leaderboards.get(stage)
        own = board.best_initial() if board else None
        if own is None or stage in self.starts or stage not in self._began:
            return
        for point in self._point(self._began[stage], stage, 0, own.candidate.id):
            self.starts[stage] = point

    def _point(
        self, logged: LoggedMessage, stage: Stage, step: int, prompt: str | None
    ) -> list[LearningPoint]:
        scores = self._scores.get(stage)
        if prompt is None or scores is None or prompt not in scores or not scores.by_task(prompt):
            return []
        metric = None if self._history.state.composite else scores.vector(prompt).get(MAIN)
        return [
            LearningPoint(
                stage=stage,
                step=step,
                seconds=logged.clock,
                tokens=logged.tokens,
                evaluations=logged.evaluations,
                prompt=prompt,
                score=scores.score(prompt),
                examples=scores.examples(prompt),
                low=metric.low if metric else None,
                high=metric.high if metric else None,
            )
        ]


def _ends(history: RunHistory) -> Iterator[CurveEnd]:
    verdict = next((logged for logged, _ in history.of(RunFinished)), None)
    for one in finalists_of(history) if verdict else ():
        composite = history.state.composite
        score = one.composite if composite else one.metric
        if verdict is not None and score is not None:
            yield CurveEnd(
                role=one.role,
                prompt=one.id,
                seconds=verdict.clock,
                tokens=verdict.tokens,
                score=score,
                examples=one.examples,
                low=None if composite else one.metric_low,
                high=None if composite else one.metric_high,
            )
