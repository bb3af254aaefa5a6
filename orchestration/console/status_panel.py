"""The region at the bottom of a live screen: where the run stands, what it costs, who leads."""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ...agents.messages import RunFinished
from ..projections.leaderboard import Leaderboard
from ..projections.race_progress import RaceProgress
from ..projections.run_state import RunState
from .formatting import number, one_line, row
from .sparkline import sparkline
from .table import leaderboard, with_initial

_LABEL = 8
"""Width of the words in front of the lines, so that what follows is aligned."""
_CURVE = 16
_AGES = 1e7
"""Seconds: an estimate beyond this says nothing."""


def status_panel(
    view: RunState, width: int, height: int, silence: float = 0.0, *, plain: bool = False, note: str = ""
) -> Group:
    """The region for a terminal of `width` x `height`; it takes at most half of the lines.

    `silence` is the time since the last event in seconds; `plain` says that only ASCII can be shown, and
    `note` what of the conversation is shown. The result holds nothing of `view`, so it can be drawn while the
    view goes on changing.
    """
    seconds = view.elapsed + (silence if view.outcome == "running" else 0.0)
    parts: list[RenderableType] = [
        Rule(style="dim", characters="-" if plain else "─"),
        _where(view, seconds, width),
        _best(view, plain=plain),
        *(_races(view, width, height) if view.finished is None else [_verdict(view.finished)]),
        _calls(view),
        *_spent(view, seconds),
    ]
    if view.trouble is not None:
        parts.append(row(_label("error", "bold red"), (one_line(view.trouble), "red")))
    if note:
        parts.append(row(_label("only"), one_line(note)))
    room = max(3, height // 2)
    # Below the titles of its columns a leaderboard needs room for one prompt at least.
    if (board := _board(view)) is not None and len(parts) + 2 <= room and board.ranked():
        lines = room - len(parts) - 1
        shown = with_initial(board, board.ranked()[: max(1, lines - 1)])
        # One line is for the user's own prompt: where it is not among the best, that is worth seeing.
        shown = board.ranked()[:lines] if len(shown) < lines else shown[:lines]
        parts.append(leaderboard(board, shown, width, racing=view.races.field))
    return Group(*parts[:room])


def _board(view: RunState) -> Leaderboard | None:
    """The leaderboard to look at: that of the current stage, and in the end that of the target."""
    return view.boards.get("target") if view.finished else view.board


def _verdict(finished: RunFinished) -> Text:
    style = "bold green" if finished.improved else "bold"
    return row(_label("verdict", style), (one_line(finished.verdict), style))


def phase(view: RunState) -> str:
    """What is going on, in words."""
    if view.stage is None:
        return "loading the tasks"
    if view.finished is not None:
        return "done"
    if any(race.purpose == "final" for race in view.races.under_way):
        return "final comparison"
    if not view.step:
        return f"{view.stage} stage, starting prompts"
    # The control goes on for as many steps as its evaluations last.
    of = "" if view.stage == "control" else f"/{view.steps}"
    return f"{view.stage} stage, step {view.step}{of}"


def _label(word: str, style: str = "dim") -> tuple[str, str]:
    return f"{word:<{_LABEL}}", style


def _where(view: RunState, seconds: float, width: int) -> Text:
    style = {"finished": "bold green", "failed": "bold red"}.get(view.outcome, "")
    name, now = one_line(view.name)[:24], f"  {phase(view)}"
    time = f"  {timedelta(seconds=int(seconds))}"
    gap = width - len(name) - len(now) - len(view.outcome) - len(time)
    return row((name, "bold"), now, " " * max(2, gap), (view.outcome, style), time)


def _best(view: RunState, *, plain: bool) -> Text:
    """The best score, how it came about over the examples answered, and the prompt that has it."""
    board = _board(view)
    best = board.best() if board else None
    if board is None or best is None:
        return row(_label("best"), ("no score yet", "dim"))
    curve = sparkline(board.curve, _CURVE, plain=plain)
    return row(
        _label("best"),
        (number(board.score_of(best), 3), "bold"),
        "  ",
        (curve, "green"),
        (f"  {board.evaluations:,} examples", "dim"),
        f"  {one_line(best.candidate.text)}",
    )


def _races(view: RunState, width: int, height: int) -> list[RenderableType]:
    """A line for each race under way: who is still in, on how many examples, and how far these are.

    They take at most an eighth of the screen: where there are more, the last line is about all the others.
    """
    races = view.races.under_way
    if not races:
        return [row(_label("race"), ("waiting for new prompts" if view.step else "waiting", "dim"))]
    most = max(1, height // 8)
    shown, others = (races, []) if len(races) <= most else (races[: most - 1], races[most - 1 :])
    told = [(_label(_which(race, races)), _how_far([race]), race.finished, race.expected) for race in shown]
    if others:
        sums = sum(race.finished for race in others), sum(race.expected for race in others)
        told.append((_label("races"), f"{len(others)}{' more' if shown else ''}: {_how_far(others)}", *sums))
    words = max(len(said) for _, said, _, _ in told)
    return [_bar(label, f"{said:<{words}}", done, of, width) for label, said, done, of in told]


def _which(race: RaceProgress, races: Sequence[RaceProgress]) -> str:
    return f"race {race.step}" if len(races) > 1 else "race"


def _how_far(races: Sequence[RaceProgress]) -> str:
    done, of = sum(race.finished for race in races), sum(race.expected for race in races)
    field, entered = sum(len(race.field) for race in races), sum(len(race.entered) for race in races)
    words = f"{done:,}/{of:,} examples"
    if not field:
        return words
    after = f" after {races[0].asked}" if len(races) == 1 else ""
    return f"{field} of {entered} still in{after}, {words}"


def _bar(label: tuple[str, str], words: str, done: int, of: int, width: int) -> RenderableType:
    room = min(40, width - len(words) - _LABEL - 2)
    if room < 8:
        return row(label, words)
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(row(label, words), ProgressBar(total=of, completed=done, width=room))
    return grid


def _calls(view: RunState) -> Text:
    calls, slots = view.calls, view.spending.slots
    busy = f"{calls.in_flight:,} of {slots:,} slots busy" if slots else f"{calls.in_flight:,} in flight"
    return row(
        _label("calls"),
        f"{calls.finished:,} done, {busy}, ",
        (f"{calls.failed:,} failed", "bold red" if calls.failed else ""),
        f"  tokens {calls.prompt_tokens:,} in, {calls.completion_tokens:,} out",
        f", {calls.reused:,} reused" if calls.reused else "",
        f", {view.excluded:,} excluded" if view.excluded else "",
    )


def _spent(view: RunState, seconds: float) -> list[Text]:
    """For how long the budget lasts at this pace, and how much of each of its limits is spent."""
    spending, spent = view.spending, view.spending.spent(seconds)
    parts = [
        f"{name} {_amount(name, spent[name])} of {_amount(name, most)}"
        for name, most in spending.limits.items()
    ]
    if spending.priced and "money" not in spending.limits:
        parts.append(f"money {_amount('money', spent['money'])}")
    if not parts:
        return []
    said = row(_label("spent"))
    left = spending.left(seconds)
    if left is not None and view.outcome == "running":
        name, share, lasts = left
        style = "bold red" if share < 0.1 else "yellow" if share < 0.25 else ""
        about = f", about {timedelta(seconds=int(lasts))} more" if lasts < _AGES else ""
        said.append(f"{share:.0%} of {name} left{about}; ", style)
    return [said.append(", ".join(parts))]


def _amount(name: str, value: float) -> str:
    if name == "money":
        return f"{value:,.4f}" if value < 1 else f"{value:,.2f}"
    return str(timedelta(seconds=int(value))) if name == "seconds" else f"{value:,.0f}"
