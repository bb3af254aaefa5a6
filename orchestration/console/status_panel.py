"""The status at the bottom of a live screen: phase of the run, best prompts, races, calls and cost."""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ...agents.stage_names import is_kind
from ..projections.cost_breakdown import ModuleCost, by_module
from ..projections.current_standing import (
    current_leaderboard,
    gain_so_far,
    phase,
    seconds_since_start,
    top_prompts,
)
from ..projections.final_table import final_table
from ..projections.leaderboard import Leaderboard
from ..projections.race_progress import RaceProgress
from ..projections.race_totals import RaceTotals, race_totals
from ..projections.run_state import RunState
from ..projections.slot_usage import slot_usage
from .final_table import draw_final_table
from .formatting import row
from .legend import explanation, marks_of
from .sparkline import sparkline
from .table import leaderboard
from .visible import one_line

_LABEL = 8
"""Width of the labels, so that the texts after them are aligned."""
_CURVE = 16
"""Width of the learning curve in characters."""
_FINAL = 12
"""Number of lines from which on a finished run has its final table above the leaderboard."""
_FINAL_LINES = 6
"""Lines that the verdict and the final table take at most, with the blank one below them."""
_EXPLAINED = 5
"""Number of lines of a leaderboard from which on its marks are explained."""
_AGES = 1e7
"""Seconds: a longer estimate of the time left is not shown."""


def status_panel(
    view: RunState,
    width: int,
    height: int,
    silence: float = 0.0,
    *,
    plain: bool = False,
    note: str = "",
    hint: str = "",
    explained: bool = False,
) -> Group:
    """Return the status for a terminal of `width` x `height` characters; it takes at most half of the lines.

    `silence` is the time since the last event in seconds. `plain` restricts the panel to ASCII. `note` says
    which part of the conversation is shown, and `hint` stands in the line above the panel. If it is
    `explained`, the meaning of its words and marks takes the place of the leaderboard. The result does not
    refer to `view`, so it can be drawn while the view changes.
    """
    seconds = seconds_since_start(view, silence)
    parts: list[RenderableType] = [
        Rule(hint, style="dim", characters="-" if plain else "─", align="right"),
        _progress(view, seconds, width),
        *([] if view.ended else [_gain(view, plain=plain), *_races(view, width, height)]),
        _calls(view),
        *_modules(view),
        *_spent(view, seconds),
    ]
    if view.trouble is not None:
        parts.append(row(_label("error", "bold red"), (one_line(view.trouble), "red")))
    if note:
        parts.append(row(_label("only"), one_line(note)))
    room = max(3, height // 2)
    if explained:
        parts = [parts[0], *explanation(view)]
    else:
        final = _final(view, width, room - len(parts)) if view.ended else []
        taken = len(parts) + (_FINAL_LINES if len(final) > 1 else len(final))
        parts += [*final, *_leaders(view, width, room - taken, legend=not hint)]
    return Group(*parts[:room])


def _final(view: RunState, width: int, room: int) -> list[RenderableType]:
    """Return the verdict; its figures are in the final table if there is room for it and more."""
    table = final_table(view)
    if table is None or room < _FINAL:
        return [_verdict(view, view.verdict or "")]
    found = (view.verdict or "").partition(":")[0]
    return [_verdict(view, found), draw_final_table(table, width), Text()]


def _leaders(view: RunState, width: int, room: int, *, legend: bool) -> list[RenderableType]:
    """Return the leaderboard in `room` lines; none if there is no line for a prompt below the titles.

    With `legend` the meaning of the marks follows, if there is room for some prompts besides.
    """
    board = current_leaderboard(view)
    if board is None or room < 2 or not board.ranked():
        return []
    marks = [row((marks_of(board), "dim"))] if legend and room >= _EXPLAINED else []
    lines = room - 1 - len(marks)
    shown = top_prompts(board, max(1, lines - 1))
    # The last line is kept for the best initial prompt; it is free if that is among the best.
    shown = board.ranked()[:lines] if len(shown) < lines else shown[:lines]
    return [leaderboard(board, shown, width, racing=view.races.field), *marks]


def _verdict(view: RunState, words: str) -> Text:
    improved = view.finished.improved if view.finished else any(v.improved for v in view.reached.values())
    style = "bold green" if improved else "bold"
    return row(_label("verdict", style), (one_line(words), style))


def phase_name(view: RunState) -> str:
    """Return the phase of the run as people read it."""
    match phase(view):
        case "loading":
            return "loading the tasks"
        case "starting prompts":
            return f"{view.stage} stage, starting prompts"
        case "step":
            # The control runs until its budget of evaluations is spent, not for a number of steps.
            total = "" if is_kind(view.stage, "control") else f" of {view.steps}"
            return f"{view.stage} stage, step {view.step}{total}"
        case other:
            return other


def _label(word: str, style: str = "dim") -> tuple[str, str]:
    return f"{word:<{_LABEL}}", style


def _progress(view: RunState, seconds: float, width: int) -> Text:
    style = {"finished": "bold green", "failed": "bold red", "no result": "bold red"}.get(view.status, "")
    # The log of a run under way ends as that of a killed one; here somebody is watching it.
    status = "running" if view.status == "unfinished" else view.status
    name, now = one_line(view.name)[:24], f"  {phase_name(view)}"
    time = f"  {timedelta(seconds=int(seconds))}"
    gap = width - len(name) - len(now) - len(status) - len(time)
    return row((name, "bold"), now, " " * max(2, gap), (status, style), time)


def _gain(view: RunState, *, plain: bool) -> Text:
    """Return how far the best prompt is ahead of the user's own, and the curve over the examples answered.

    The scores themselves are in the leaderboard alone.
    """
    board = current_leaderboard(view)
    best = board.best() if board else None
    if board is None or best is None:
        return row(_label("gain"), ("no score yet", "dim"))
    curve = sparkline(board.curve, _CURVE, plain=plain)
    return row(
        _label("gain"),
        (gain_words(board), "bold"),
        "  ",
        (curve, "green"),
        (f"  {board.evaluations:,} answers", "dim"),
    )


def gain_words(board: Leaderboard) -> str:
    """Return the gain of the best prompt so far in words."""
    gain = gain_so_far(board)
    if gain is None:
        return "not known yet"
    if board.best() is board.best_initial():
        return "none yet: yours is the best"
    return f"{100 * gain:+.1f} points on your prompt so far"


def _races(view: RunState, width: int, height: int) -> list[RenderableType]:
    """Return a line for each race under way, in at most an eighth of the screen.

    If there are more races than lines, the last line sums up the others.
    """
    races = view.races.under_way
    if not races:
        return [row(_label("race"), ("waiting for new prompts" if view.step else "waiting", "dim"))]
    most = max(1, height // 8)
    shown, others = (races, []) if len(races) <= most else (races[: most - 1], races[most - 1 :])
    entries = [
        (_race_label(race, races), _race_text(totals, race.asked), totals)
        for race in shown
        for totals in [race_totals([race])]
    ]
    if others:
        totals = race_totals(others)
        more = " more" if shown else ""
        entries.append((_label("races"), f"{len(others)}{more}: {_race_text(totals)}", totals))
    aligned = max(len(text) for _, text, _ in entries)
    return [_bar(label, f"{text:<{aligned}}", totals, width) for label, text, totals in entries]


def _race_label(race: RaceProgress, races: Sequence[RaceProgress]) -> tuple[str, str]:
    return _label(f"race {race.step}" if len(races) > 1 else "race")


def _race_text(totals: RaceTotals, asked: int | None = None) -> str:
    """Return the prompts left and the answers that have come; `asked` is the number of examples for each."""
    answers = f"{totals.finished:,} of {totals.expected:,} answers"
    if not totals.remaining:
        return answers
    each = "" if asked is None else f" on {asked} examples"
    return f"{totals.remaining} of {totals.entered} prompts left{each}, {answers}"


def _bar(label: tuple[str, str], text: str, totals: RaceTotals, width: int) -> RenderableType:
    room = min(40, width - len(text) - _LABEL - 2)
    if room < 8:
        return row(label, text)
    grid = Table.grid(padding=(0, 1, 0, 0))
    bar = ProgressBar(total=totals.expected, completed=totals.finished, width=room)
    grid.add_row(row(label, text), bar)
    return grid


def _calls(view: RunState) -> Text:
    calls = view.calls
    return row(
        _label("calls"),
        f"{calls.finished:,} done" if view.ended else f"{calls.finished:,} done, {_slots(view)}",
        (f", {calls.failed:,} failed" if calls.failed else "", "bold red"),
        f"; tokens {view.spending.prompt_tokens:,} in, {view.spending.completion_tokens:,} out",
        f", {calls.reused:,} reused" if calls.reused else "",
        (f", {calls.cut:,} cut off", "yellow") if calls.cut else "",
        f", {view.excluded:,} excluded" if view.excluded else "",
    )


def _modules(view: RunState) -> list[Text]:
    """Return the cost of each module of a program in one line; no line without a program."""
    costs = by_module(view.spending)
    if not costs:
        return []
    whole = max(sum(cost.tokens for cost in costs), 1)
    parts = [
        f"{one_line(cost.module)} {cost.tokens / whole:.0%} ({cost.tokens:,} tokens{_money(cost)}, "
        f"{cost.seconds / max(1, cost.calls - cost.reused):.2f} s a call)"
        for cost in costs
    ]
    return [row(_label("modules"), ", ".join(parts))]


def _money(cost: ModuleCost) -> str:
    return "" if cost.money is None else f", money {_amount('money', cost.money)}"


def _slots(view: RunState) -> str:
    usage = slot_usage(view)
    if not usage.slots:
        return f"{usage.busy:,} in flight"
    queued = f", {usage.queued:,} queued" if usage.queued else ""
    return f"{usage.busy:,} of {usage.slots:,} slots busy{queued}"


def _spent(view: RunState, seconds: float) -> list[Text]:
    """Return the time that the budget lasts at this pace, and the spent part of each of its limits."""
    spending, spent = view.spending, view.spending.spent(seconds)
    parts = [
        f"{name} {_amount(name, spent[name])} of {_amount(name, most)}"
        for name, most in spending.limits.items()
    ]
    if spending.priced and "money" not in spending.limits:
        parts.append(f"money {_amount('money', spent['money'])}")
    if not parts:
        return []
    line = row(_label("spent"))
    left = spending.left(seconds)
    if left is not None and view.status == "unfinished":
        name, share, lasts = left
        style = "bold red" if share < 0.1 else "yellow" if share < 0.25 else ""
        about = f", about {timedelta(seconds=int(lasts))} more" if lasts < _AGES else ""
        line.append(f"{share:.0%} of {name} left{about}; ", style)
    return [line.append(", ".join(parts))]


def _amount(name: str, value: float) -> str:
    if name == "money":
        return f"{value:,.4f}" if value < 1 else f"{value:,.2f}"
    return str(timedelta(seconds=int(value))) if name == "seconds" else f"{value:,.0f}"
