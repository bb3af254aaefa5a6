"""What a run is doing now, for the page of a run under way."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..console.formatting import short_name
from ..console.lines import sentence
from ..console.status_panel import phase_name
from ..projections.current_standing import current_leaderboard
from ..projections.history import RunHistory
from ..projections.race_totals import race_totals
from ..projections.run_state import RunState
from ..projections.run_status import Status
from ..projections.slot_usage import SlotUsage, slot_usage

_MOST_RACES, _MOST_MESSAGES = 6, 12


@dataclass(frozen=True, slots=True)
class RaceLine:
    """A race under way."""

    step: int
    remaining: int
    """Candidates that no race has stopped, of those that `entered`."""
    entered: int
    finished: int
    """Examples answered, of those `expected`."""
    expected: int


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit of the budget."""

    name: str
    spent: float
    limit: float


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message of the conversation."""

    seq: int
    clock: float
    """Seconds of the run's clock."""
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Now:
    """The present moment of a run."""

    status: Status
    phase: str
    seconds: float
    metric: str
    best: float | None
    """Main metric of the best prompt on the development examples it has answered."""
    best_text: str
    races: tuple[RaceLine, ...]
    """The races that began first."""
    more_races: int
    finished_calls: int
    failed_calls: int
    slots: SlotUsage
    tokens: int
    limits: tuple[LimitLine, ...]
    trouble: str | None
    messages: tuple[MessageLine, ...]
    """The last messages, the newest first."""
    seq: int


def now_of(history: RunHistory) -> Now:
    """Return the present moment of a run."""
    state = history.state
    board = current_leaderboard(state)
    best = board.best() if board else None
    races = state.races.under_way
    return Now(
        status=state.status,
        phase=phase_name(state),
        seconds=state.elapsed,
        metric=board.title if board else state.metric,
        best=board.main(best) if board and best else None,
        best_text=best.candidate.text if best else "",
        races=tuple(_races(state)),
        more_races=max(0, len(races) - _MOST_RACES),
        finished_calls=state.calls.finished,
        failed_calls=state.calls.failed,
        slots=slot_usage(state),
        tokens=state.spending.prompt_tokens + state.spending.completion_tokens,
        limits=tuple(_limits(state)),
        trouble=state.trouble,
        messages=tuple(_messages(history)),
        seq=history.seq,
    )


def _races(state: RunState) -> Iterator[RaceLine]:
    for race in state.races.under_way[:_MOST_RACES]:
        totals = race_totals([race])
        yield RaceLine(race.step, totals.remaining, totals.entered, totals.finished, totals.expected)


def _limits(state: RunState) -> Iterator[LimitLine]:
    spent = state.spending.spent(state.elapsed)
    for name, limit in state.spending.limits.items():
        yield LimitLine(name, spent[name], limit)


def _messages(history: RunHistory) -> Iterator[MessageLine]:
    for logged in reversed(history.messages[-_MOST_MESSAGES:]):
        text = sentence(logged.message)
        yield MessageLine(logged.seq, logged.clock, short_name(logged.sender), text)
