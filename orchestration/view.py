"""What a run looks like from outside: a pure fold over its events, for every display and command.

Nothing here reads a clock or a file; the same events always give the same view.
"""

from datetime import UTC, datetime
from typing import Any, Literal

from ..agents.codec import KINDS, decode
from ..agents.messages import (
    CallFailed,
    CandidateRejected,
    HandlerFailed,
    Message,
    PromptPromoted,
    PromptScored,
    ProposalsRequested,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    ScoringRequested,
    Stage,
    StageStarted,
    TaskLoaded,
)
from ..prompts.candidate import Candidate
from ..storage.event import Event
from .console.board import Board, PromptRow, held_out
from .console.calls import CallTally, StepProgress

CALL_KINDS = frozenset({"call.requested", "call.finished"})
"""Nearly all events of a log: the view counts them without decoding them."""
SAID_KINDS = tuple(kind for kind in KINDS if kind not in CALL_KINDS)
"""All the others: what there is to read in a log, and the least that a view needs."""


def message_for(event: Event) -> Message | None:
    """The message of an event; None for `CALL_KINDS`. Raises `LogUnreadable` naming the seq."""
    # A redacted event has no payload left: what it meant is gone, that it was there is still counted.
    return None if event.kind in CALL_KINDS or not event.data else decode(event)


class RunView:
    """The state of one run after the events fed so far. Feed them in the order of the log.

    `elapsed` is in seconds and leaves out the time between a failure and its resumption. Without the
    events of `CALL_KINDS` everything but the numbers of calls and tokens is still right.
    """

    def __init__(self) -> None:
        self.run = ""
        self.name = ""
        self.started: datetime | None = None
        self.elapsed = 0.0
        self.events = 0
        self.stage: Stage | None = None
        self.step = 0
        self.tasks: dict[Stage, list[str]] = {"source": [], "target": []}
        self.boards: dict[Stage, Board] = {}
        self.rejected = 0
        self.calls = CallTally()
        self.progress = StepProgress()
        self.outcome: Literal["running", "finished", "failed"] = "running"
        self.error: str | None = None
        """Why the run stopped, as long as it has not been resumed."""
        self.finished: RunFinished | None = None
        self._last_at = 0
        self._promoted: set[str] = set()

    @property
    def last(self) -> datetime | None:
        """The time of the last event, in UTC."""
        return datetime.fromtimestamp(self._last_at / 1e6, tz=UTC) if self.events else None

    @property
    def steps(self) -> int:
        """The number of steps planned for the current stage."""
        board = self.board
        return board.steps if board else 0

    @property
    def board(self) -> Board | None:
        """The prompts of the current stage."""
        return self.boards.get(self.stage) if self.stage else None

    @property
    def best(self) -> PromptRow | None:
        """The best prompt of the current stage so far."""
        board = self.board
        return board.best() if board else None

    @property
    def best_score(self) -> float | None:
        """Its mean composite score in [0, 1]."""
        board, best = self.board, self.best
        return board.score_of(best) if board and best else None

    @property
    def winner(self) -> Candidate | None:
        """The prompt to use: that of the verdict, or before it the best so far of the latest scored stage."""
        if self.finished:
            return self.finished.best
        rows = (board.best() for board in reversed(self.boards.values()))
        return next((row.candidate for row in rows if row), None)

    @property
    def verdict(self) -> str | None:
        """The curator's verdict in words."""
        return self.finished.verdict if self.finished else None

    def as_json(self) -> dict[str, Any]:
        """The view for programs: JSON values only."""
        winner = self.winner
        return {
            "run": self.run,
            "name": self.name,
            "outcome": self.outcome,
            "verdict": self.verdict,
            "error": self.error,
            "improved": self.finished.improved if self.finished else None,
            "started": self.started.isoformat() if self.started else None,
            "seconds": round(self.elapsed, 3),
            "stage": self.stage,
            "step": self.step,
            "rejected": self.rejected,
            "calls": self.calls.as_json(),
            "best": winner.model_dump(mode="json") if winner else None,
            "stages": {stage: board.as_json() for stage, board in self.boards.items()},
        }

    def feed(self, event: Event, message: Message | None) -> None:
        """Take in the next event; `message` may be None for the kinds in `CALL_KINDS`."""
        self._note_time(event)
        if event.kind in CALL_KINDS:
            self.count(event)
        elif message is not None:
            self._fold_run(event, message)
            self._fold_search(event, message)

    def count(self, event: Event) -> None:
        """Count an event of `CALL_KINDS`; it may be older than what was fed: calls change nothing else."""
        if event.kind == "call.finished":
            self.progress.answer(self.calls.finish(event))
        else:
            self.calls.request(event)

    def _note_time(self, event: Event) -> None:
        if not self.events:
            self.run, self.started = event.run, event.time
        elif event.kind != "run.resumed":
            self.elapsed += (event.at - self._last_at) / 1e6
        self.events += 1
        self._last_at = event.at

    def _fold_run(self, event: Event, message: Message) -> None:
        """How the run as a whole fares."""
        match message:
            case RunStarted():
                self.name = message.name
            case TaskLoaded():
                self.tasks[message.stage].append(message.task.name)
            case RunResumed():
                self.outcome, self.error = "running", None
                self.calls.resume()
            case RunFailed() | HandlerFailed():
                self.outcome, self.error = "failed", message.error
                self.calls.stop()
            case CallFailed():
                self.calls.fail(event)
            case RunFinished():
                self.outcome, self.finished = "finished", message

    def _fold_search(self, event: Event, message: Message) -> None:
        """Where the search stands."""
        match message:
            case StageStarted():
                self._open(message)
            case ProposalsRequested():
                self.step = message.step
                self.progress.clear()
            case CandidateRejected():
                self.rejected += 1
            case ScoringRequested():
                self._ask(event, message)
            case PromptScored():
                self._board_of(message.stage).record(message)
                self.progress.scored(event.cause)
            case PromptPromoted():
                candidate = message.standing.candidate
                self._promoted.add(candidate.id)
                self._board_of("source").add(candidate).promoted = True

    def _open(self, message: StageStarted) -> None:
        self.stage, self.step = message.stage, 0
        self.progress.clear()
        board = self.boards[message.stage] = Board(message.stage, message.tasks, message.steps)
        for candidate in message.population:
            board.add(candidate, promoted=candidate.id in self._promoted)

    def _ask(self, event: Event, message: ScoringRequested) -> None:
        self.stage, self.step = message.stage, message.step
        self.progress.ask(event, message)
        if not held_out(message):
            self._board_of(message.stage).add(message.candidate)

    def _board_of(self, stage: Stage) -> Board:
        return self.boards.setdefault(stage, Board(stage))
