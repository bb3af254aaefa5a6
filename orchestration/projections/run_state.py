"""State of a run: a pure fold over its events, which every display, command and table reads.

Nothing here reads a clock or a file; the same events always give the same state.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ...agents.call_events import CALL_KINDS
from ...agents.messages import (
    CallFailed,
    CandidateRejected,
    CandidateStopped,
    GoldDoubted,
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
    TargetFinished,
    TargetsFinished,
    TaskLoaded,
)
from ...agents.operators.lineage import Lineage
from ...agents.scoring.objective import METRIC_WEIGHTS, is_composite, recorded_weights
from ...agents.stage_names import is_kind, stage_target
from ...prompts.candidate import Candidate
from ...storage.event import Event
from . import no_result
from .call_counts import CallCounts
from .decoding import call_payload
from .final_scores import FinalScores
from .leaderboard import Leaderboard, PromptRow, held_out
from .loaded_tasks import LoadedTasks
from .race_progress import OpenRaces
from .reply_sums import ReplySum
from .run_clock import RunClock
from .run_status import NOTES, STATUSES, Status
from .spending import Spending
from .transfers import Transfers

_OF_A_RACE = (ScoringRequested, PromptScored, PromptJudged, CandidateStopped, RaceFinished, StageFinished)


class RunState:
    """The state of one run after the events applied so far, in the order of the log.

    Without the events of `CALL_KINDS` everything is right but the number of calls and their cost.
    `find_requests` returns the `call.requested` events with given ids, for a state that is not given them.
    """

    def __init__(self, find_requests: Callable[[Iterable[str]], Iterable[Event]] | None = None) -> None:
        self.run = ""
        self.name = ""
        self.clock = RunClock()
        self.events = 0
        self.status: Status = "unfinished"
        self.stage: Stage | None = None
        self.step = 0
        """Latest step of the stage for which prompts were requested; races of earlier ones may go on."""
        self.tasks: dict[Stage, list[str]] = {}
        self.leaderboards: dict[Stage, Leaderboard] = {}
        self.finals = FinalScores()
        self.rejected = 0
        """Number of rejected proposals."""
        self.transfers = Transfers()
        self.doubted: set[tuple[str, str]] = set()
        """Tasks and examples whose right answer looked wrong to the reference agent's model."""
        self.excluded = 0
        """Number of evaluations that brought no outcome because a call had failed."""
        self.calls = CallCounts()
        self.races = OpenRaces()
        self.spending = Spending(find_requests)
        self.error: str | None = None
        """Error that stopped the run, until it is resumed."""
        self.trouble: str | None = None
        """Last error, even if the run went on."""
        self.finished: RunFinished | None = None
        self.reached: dict[str, RunFinished] = {}
        """Verdicts of a run with several targets, by target."""
        self.targets_done: TargetsFinished | None = None
        """The end of a run with several targets."""
        self.no_result: str | None = None
        """Reason why the finished run has no result."""
        self.weights: Mapping[str, float] = METRIC_WEIGHTS
        """Weights of the measures in the scores."""
        self._promoted: set[str] = set()
        self._loaded = LoadedTasks()
        self._lineage = Lineage()

    @property
    def elapsed(self) -> float:
        """Running time in seconds, without pauses before resumptions and without notes."""
        return self.clock.seconds

    @property
    def started(self) -> datetime | None:
        """Time of the first event in UTC; None before it."""
        at = self.clock.first_at
        return None if at is None else datetime.fromtimestamp(at / 1e6, tz=UTC)

    @property
    def last(self) -> datetime | None:
        """Time of the run's last event in UTC, notes left out; None before the first."""
        return datetime.fromtimestamp(self.clock.last_at / 1e6, tz=UTC) if self.started else None

    @property
    def steps(self) -> int:
        """Number of steps planned for the current stage."""
        board = self.board
        return board.steps if board else 0

    @property
    def evaluations(self) -> int:
        """Number of development examples answered in all stages."""
        return sum(board.evaluations for board in self.leaderboards.values())

    @property
    def board(self) -> Leaderboard | None:
        """Leaderboard of the current stage."""
        return self.leaderboards.get(self.stage) if self.stage else None

    @property
    def best(self) -> PromptRow | None:
        """Best prompt of the current stage so far."""
        board = self.board
        return board.best() if board else None

    @property
    def composite(self) -> bool:
        """True if the score is a composite of measures and not the main metric."""
        return is_composite(self.weights)

    @property
    def targets(self) -> list[str]:
        """Names of the target's task, or of the tasks of several targets."""
        return [name for stage, names in self.tasks.items() if is_kind(stage, "target") for name in names]

    @property
    def ended(self) -> bool:
        """True if the run has come to its end."""
        return self.finished is not None or self.targets_done is not None

    @property
    def metric(self) -> str:
        """Main metric of the target task in the user's words; "score" before the task is known."""
        return self._loaded.title(self.targets)

    @property
    def texts(self) -> tuple[str, ...]:
        """Names of the texts of a prompt; () if a prompt is one text, or before the target task is known."""
        return self._loaded.texts(self.targets)

    @property
    def winner(self) -> Candidate | None:
        """Prompt to use: that of the verdict, or before it the best of the latest stage with a score.

        Prompts of the control are for comparison and never the winner. A finished run with several targets
        has a winner for each of them.
        """
        if self.finished:
            return self.finished.best
        if self.targets_done:
            return None
        boards = [b for b in reversed(self.leaderboards.values()) if not is_kind(b.stage, "control")]
        return next((row.candidate for board in boards if (row := board.best())), None)

    @property
    def asks_people(self) -> bool:
        """True if a model of the run is a person, who may be asked at the terminal."""
        return self.spending.asks_people

    @property
    def programs(self) -> bool:
        """True if a task of the run has a program."""
        return self._loaded.programs

    @property
    def verdict(self) -> str | None:
        """The curator's verdict."""
        if self.targets_done:
            return self.targets_done.gist()
        return self.finished.verdict if self.finished else None

    def call_totals(self) -> dict[str, int]:
        """Return the numbers of calls and of executions, and the tokens of the replies."""
        return {
            **self.calls.as_json(),
            "prompt_tokens": self.spending.prompt_tokens,
            "completion_tokens": self.spending.completion_tokens,
            "lost_tokens": self.spending.lost_tokens,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        winner, finished = self.winner, self.finished
        control = finished.control if finished else None
        return {
            "run": self.run,
            "name": self.name,
            "status": self.status,
            "verdict": self.verdict,
            "error": self.error,
            "improved": finished.improved if finished else None,
            "started": self.started.isoformat() if self.started else None,
            "seconds": round(self.elapsed, 3),
            "stage": self.stage,
            "step": self.step,
            "metric": self.metric,
            "objective": "composite" if self.composite else "metric",
            "rejected": self.rejected,
            "doubted": len(self.doubted),
            "excluded": self.excluded,
            "budget": self.spending.as_json(self.elapsed),
            "calls": self.call_totals(),
            "best": winner.model_dump(mode="json") if winner else None,
            "control": control.model_dump(mode="json") if control else None,
            "transfers": self.transfers.as_json(),
            "comparisons": [c.model_dump() for c in finished.comparisons] if finished else [],
            "against_control": [c.model_dump() for c in finished.against_control] if finished else [],
            "targets": [_target_as_json(*one) for one in self.reached.items()],
            "stages": {stage: board.as_json() for stage, board in self.leaderboards.items()},
        }

    def apply(self, event: Event, message: Message | None) -> None:
        """Take in the next event; `message` may be None for the kinds in `CALL_KINDS`."""
        self.events += 1
        self.run = self.run or event.run
        self.clock.apply(event)
        if event.kind in CALL_KINDS:
            self.apply_call(event)
            return
        if event.kind not in NOTES:
            self.status = STATUSES.get(event.kind, self.status)
        if event.kind == "call.failed":
            self.calls.apply_failure(event, message if isinstance(message, CallFailed) else None)
        if message is not None:
            self.spending.apply(event, message)
            self._apply_run(event, message)
            self._apply_search(event, message)

    def apply_call(self, event: Event) -> None:
        """Take in an event of `CALL_KINDS`, which may be older than what was applied before it."""
        if event.kind == "call.finished":
            data = call_payload(event)
            self.races.apply_reply(self.calls.apply_reply(event, data))
            self.spending.apply_reply(event, data)
        else:
            self.calls.apply_request(event)
            self.spending.apply(event, None)

    def apply_sums(
        self, requested: int, sums: Sequence[ReplySum], failed: int, unsettled: Mapping[str, int]
    ) -> None:
        """Take in so many calls with their replies; `failed` of those without a reply have failed.

        `unsettled` maps answered calls to the number of their earlier attempts that got no reply.
        """
        self.calls.apply_sums(requested, sums, failed)
        self.spending.apply_sums(sums, unsettled)

    def _apply_run(self, event: Event, message: Message) -> None:
        match message:
            case RunStarted():
                self.name = message.name
                self.weights = recorded_weights(message.config.get("search"))
                self.finals = FinalScores(self.weights)
            case TaskLoaded():
                self.tasks.setdefault(message.stage, []).append(message.task.name)
                self._loaded.add(message.task)
            case RunResumed():
                self.error = None
                self.calls.resume()
            case RunFailed() | HandlerFailed():
                self.error = self.trouble = message.error
                self.calls.stop()
            case CallFailed():
                self.trouble = f"{message.cause}: {message.error}"
            case RunFinished():
                self.finished = message
                compared, excluded = len(message.comparisons), message.excluded
                self.no_result = no_result.reason(compared, excluded, self.finals.readable)
                self.status = "no result" if self.no_result else "finished"
            case TargetFinished():
                self.reached[stage_target(message.stage)] = message.verdict
            case TargetsFinished():
                self.targets_done = message
                compared_of = (len(verdict.comparisons) for verdict in self.reached.values())
                self.no_result = no_result.reason_of_targets(compared_of)
                self.status = "no result" if self.no_result else "finished"

    def _apply_search(self, event: Event, message: Message) -> None:
        withdrawn = self.transfers.apply(message)
        match message:
            case StageStarted():
                self._open(message)
                return
            case ProposalsRequested():
                self.step = max(self.step, message.step)
            case CandidateRejected():
                self.rejected += 1
            case GoldDoubted():
                self.doubted.add((message.task, message.example))
            case ScoringRequested():
                self._request(message)
            case PromptScored():
                self.excluded += len(message.excluded)
            case PromptPromoted():
                candidate = message.standing.candidate
                self._promoted.add(candidate.id)
                self._board_of(message.taught_by[0]).add(candidate).promoted = True
        if not isinstance(message, _OF_A_RACE):
            return
        board = self._board_of(message.stage)
        self.races.apply(event, message, board.incumbent)
        if isinstance(message, PromptScored) and held_out(message):
            self._enter_finals(message)
        else:
            board.apply(message)
            if withdrawn is not None and withdrawn.candidate in board.rows:
                board.withdraw(*withdrawn)

    def _open(self, message: StageStarted) -> None:
        self.stage, self.step = message.stage, 0
        self.leaderboards[message.stage] = board = self._new_board(
            message.stage, message.tasks, message.steps
        )
        promoted = self._promoted if is_kind(message.stage, "target") else ()
        if is_kind(message.stage, "target"):
            self.finals = FinalScores(self.weights)  # Those of another target are no longer compared.
        for candidate in message.population:
            board.add(candidate, promoted=candidate.id in promoted)

    def _request(self, message: ScoringRequested) -> None:
        self.step = message.step if message.stage != self.stage else max(self.step, message.step)
        self.stage = message.stage
        board = self._board_of(message.stage)
        if not held_out(message):
            board.add(message.candidate)

    def _enter_finals(self, message: PromptScored) -> None:
        self.finals.apply(message)
        # A finalist may stand on the leaderboards of the target and of the control, and is scored once.
        target = stage_target(message.stage)
        boards = [
            board
            for stage, board in self.leaderboards.items()
            if not is_kind(stage, "source") and stage_target(stage) == target
        ]
        for id_ in self.finals.finalists if message.excluded else [message.candidate]:
            score, examples = self.finals.score(id_), self.finals.examples(id_)
            for board in boards:
                board.enter_final(id_, score, examples)

    def _board_of(self, stage: Stage) -> Leaderboard:
        if stage not in self.leaderboards:
            self.leaderboards[stage] = self._new_board(stage)
        return self.leaderboards[stage]

    def _new_board(self, stage: Stage, tasks: tuple[str, ...] = (), steps: int = 0) -> Leaderboard:
        loaded, names = self._loaded, tasks or self.tasks.get(stage) or self.targets
        shown = loaded.initial(tasks), self.weights, loaded.title(names), loaded.further(names)
        return Leaderboard(stage, tasks, steps, *shown, loaded.texts(names), self._lineage)


def _target_as_json(target: str, verdict: RunFinished) -> dict[str, Any]:
    """Return the verdict on one of several targets as JSON values."""
    return {
        "target": target,
        "verdict": verdict.verdict,
        "improved": verdict.improved,
        "best": verdict.best.model_dump(mode="json"),
        "comparisons": [comparison.model_dump() for comparison in verdict.comparisons],
    }
