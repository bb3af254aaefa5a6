"""What a run looks like from outside: a pure fold over its events, for every display and command.

Nothing here reads a clock or a file; the same events always give the same view.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from ...agents.call_events import CALL_KINDS
from ...agents.messages import (
    BudgetExhausted,
    CallFailed,
    CandidateRejected,
    CandidateStopped,
    HandlerFailed,
    Message,
    PromptJudged,
    PromptPromoted,
    PromptScored,
    ProposalsRequested,
    RaceFinished,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    ScoringRequested,
    Stage,
    StageFinished,
    StageStarted,
    TaskLoaded,
)
from ...agents.messages.codec import decode
from ...agents.upcasting import UPCASTERS
from ...prompts.candidate import Candidate, candidate_id
from ...storage.errors import LogUnreadable
from ...storage.event import Event
from .call_counts import CallCounts
from .leaderboard import Leaderboard, PromptRow, held_out
from .race_progress import OpenRaces
from .reply_sums import ReplySum
from .run_status import NOTES
from .spending import Spending


def message_for(event: Event) -> Message | None:
    """The message of an event; None for `CALL_KINDS`. Raises `LogUnreadable` naming the seq."""
    # A redacted event has no payload left: what it meant is gone, that it was there is still counted.
    return None if event.kind in CALL_KINDS or not event.data else decode(event)


def readable(event: Event) -> Message | None:
    """As `message_for`, and None also for what this version cannot read: a log outlives the code."""
    try:
        return message_for(event)
    except LogUnreadable:
        return None


class RunState:
    """The state of one run after the events fed so far. Feed them in the order of the log.

    `elapsed` is in seconds and leaves out the time between a failure and its resumption, and whatever
    notes were added later. Without the events of `CALL_KINDS` everything but the numbers of calls and
    tokens is still right.
    """

    def __init__(self) -> None:
        self.run = ""
        self.name = ""
        self.started: datetime | None = None
        self.elapsed = 0.0
        self.events = 0
        self.stage: Stage | None = None
        self.step = 0
        """The latest step of the stage for which prompts were asked; races of earlier ones may go on."""
        self.tasks: dict[Stage, list[str]] = {"source": [], "target": []}
        self.boards: dict[Stage, Leaderboard] = {}
        self.rejected = 0
        self.excluded = 0
        """Examples that could not be evaluated for a prompt, because a call had failed."""
        self.calls = CallCounts()
        self.races = OpenRaces()
        self.spending = Spending()
        self.outcome: Literal["running", "finished", "failed"] = "running"
        self.error: str | None = None
        """Why the run stopped, as long as it has not been resumed."""
        self.trouble: str | None = None
        """The last thing that went wrong, also where the run went on."""
        self.finished: RunFinished | None = None
        self._last_at = 0
        self._promoted: set[str] = set()
        self._initial: dict[str, list[str]] = {}
        """Task -> the ids of its own prompts."""

    @property
    def last(self) -> datetime | None:
        """The time of the run's own last event, in UTC: notes do not count."""
        return datetime.fromtimestamp(self._last_at / 1e6, tz=UTC) if self.started else None

    @property
    def steps(self) -> int:
        """The number of steps planned for the current stage."""
        board = self.board
        return board.steps if board else 0

    @property
    def board(self) -> Leaderboard | None:
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
        """The prompt to use: that of the verdict, or before it the best so far of the latest scored stage.

        The control is there to be compared with, so its prompts are not for use.
        """
        if self.finished:
            return self.finished.best
        boards = [board for board in reversed(self.boards.values()) if board.stage != "control"]
        return next((row.candidate for board in boards if (row := board.best())), None)

    @property
    def verdict(self) -> str | None:
        """The curator's verdict in words."""
        return self.finished.verdict if self.finished else None

    def as_json(self) -> dict[str, Any]:
        """The view for programs: JSON values only."""
        winner, finished = self.winner, self.finished
        control = finished.control if finished else None
        return {
            "run": self.run,
            "name": self.name,
            "outcome": self.outcome,
            "verdict": self.verdict,
            "error": self.error,
            "improved": finished.improved if finished else None,
            "started": self.started.isoformat() if self.started else None,
            "seconds": round(self.elapsed, 3),
            "stage": self.stage,
            "step": self.step,
            "rejected": self.rejected,
            "excluded": self.excluded,
            "budget": self.spending.as_json(self.elapsed),
            "calls": self.calls.as_json(),
            "best": winner.model_dump(mode="json") if winner else None,
            "control": control.model_dump(mode="json") if control else None,
            "comparisons": [c.model_dump() for c in finished.comparisons] if finished else [],
            "against_control": [c.model_dump() for c in finished.against_control] if finished else [],
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
            data = _payload(event)
            self.races.answer(self.calls.finish(event, data))
            self.spending.answer(event.sender.partition("/")[2], data)
        else:
            self.calls.request(event)

    def add_up(self, asked: int, sums: Sequence[ReplySum], open_and_lost: int) -> None:
        """Count so many calls with their replies at once; of those without one, so many had failed."""
        self.calls.add_up(asked, sums, open_and_lost)
        self.spending.add_up(sums)

    def pass_time(self, event: Event) -> None:
        """The run went on up to a call that is not fed."""
        self.elapsed += (event.at - self._last_at) / 1e6
        self._last_at = event.at

    def _note_time(self, event: Event) -> None:
        self.events += 1
        if event.kind in NOTES:
            return
        if not self.started:
            self.run, self.started = event.run, event.time
        elif event.kind != "run.resumed":
            self.elapsed += (event.at - self._last_at) / 1e6
        self._last_at = event.at

    def _fold_run(self, event: Event, message: Message) -> None:
        """How the run as a whole fares."""
        match message:
            case RunStarted():
                self.name = message.name
                self.spending.configure(message.config)
            case TaskLoaded():
                task = message.task
                self.tasks[message.stage].append(task.name)
                self._initial[task.name] = [candidate_id(text) for text in task.initial_prompts]
            case RunResumed():
                self.outcome, self.error = "running", None
                self.calls.resume()
                self.spending.limit(message.budget or {})
            case BudgetExhausted():
                self.spending.ended = message.limit
            case RunFailed() | HandlerFailed():
                self.outcome, self.error = "failed", message.error
                self.trouble = message.error
                self.calls.stop()
            case CallFailed():
                self.calls.fail(event, final=message.final)
                self.trouble = f"{message.cause}: {message.error}"
            case RunFinished():
                self.outcome, self.finished = "finished", message

    def _fold_search(self, event: Event, message: Message) -> None:
        """Where the search stands."""
        match message:
            case StageStarted():
                self._open(message)
            case ProposalsRequested():
                self.step = max(self.step, message.step)
            case CandidateRejected():
                self.rejected += 1
            case ScoringRequested():
                self._ask(event, message)
            case PromptScored():
                self._score(event, message)
            case PromptJudged():
                self._board_of(message.stage).judge(message)
            case CandidateStopped():
                self.races.stop(message)
                self._board_of(message.stage).stop(message)
            case RaceFinished():
                self.races.finish(message)
                self._board_of(message.stage).end_race(message)
            case StageFinished():
                self.races.close(message)
                self._board_of(message.stage).finish(message)
            case PromptPromoted():
                candidate = message.standing.candidate
                self._promoted.add(candidate.id)
                self._board_of("source").add(candidate).promoted = True

    def _open(self, message: StageStarted) -> None:
        self.stage, self.step = message.stage, 0
        initial = {id_ for task in message.tasks for id_ in self._initial.get(task, ())}
        board = self.boards[message.stage] = Leaderboard(message.stage, message.tasks, message.steps, initial)
        promoted = self._promoted if message.stage == "target" else ()
        for candidate in message.population:
            board.add(candidate, promoted=candidate.id in promoted)

    def _ask(self, event: Event, message: ScoringRequested) -> None:
        self.step = message.step if message.stage != self.stage else max(self.step, message.step)
        self.stage = message.stage
        board = self._board_of(message.stage)
        self.races.ask(event, message, board.crowned)
        if not held_out(message):
            board.add(message.candidate)

    def _score(self, event: Event, message: PromptScored) -> None:
        self.races.scored(event.cause)
        self.excluded += len(message.excluded)
        # A finalist stands on the boards of the target and of the control, and is scored once for both.
        both = [board for stage, board in self.boards.items() if stage != "source"]
        for board in both if held_out(message) else [self._board_of(message.stage)]:
            board.record(message)

    def _board_of(self, stage: Stage) -> Leaderboard:
        if stage not in self.boards:
            self.boards[stage] = Leaderboard(stage)
        return self.boards[stage]


def _payload(event: Event) -> dict[str, Any]:
    """The payload of a call; empty where it was redacted or is of a shape that this version does not know."""
    try:
        return UPCASTERS.payload(event) if event.data else {}
    except LogUnreadable:
        return {}
