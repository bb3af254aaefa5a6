"""The table of a study as text."""

from collections.abc import Sequence

from ...agents.messages.base import plural
from ..console.formatting import number
from ..console.visible import one_line
from ..studies.document import Row, StudyTable, Tested
from ..studies.measure_titles import measure_title
from .output import print_table
from .screen import open_screen

_MEANING = (
    "Values are those of the held-out examples, as means over the seeds. The unit of each interval and test "
    "is the seed (paired differences, Student's t)."
)
_CORRECTED = "p is corrected by Holm's method for the {tests} of this table."
_ONE_SEED = "With one seed nothing can be tested."


def print_table_of_study(found: StudyTable) -> None:
    """Print the state of a study, its table, the comparisons of arms, and the runs without a result."""
    screen = open_screen()
    screen.print(_state(found), soft_wrap=True)
    for remark in found.remarks:
        screen.print(f"Note: {one_line(remark)}", soft_wrap=True)
    if not any(row.seeds for row in found.rows):
        _print_stopped(found)
        return
    print()
    named = any(row.setting for row in found.rows)
    columns = ["model", "target", *(["settings"] if named else []), "arm", "seeds", "before", "after"]
    print_table([*columns, "gain in points", "p"], [_row(row, named=named) for row in found.rows])
    if found.contrasts:
        print()
        rows = [
            [
                *(one.model, one.target),
                *([one.setting] if named else []),
                f"{one.arm} - {one.against}",
                one.tested.seeds,
                *_tested(one.tested),
            ]
            for one in found.contrasts
        ]
        columns = ["model", "target", *(["settings"] if named else []), "arms", "seeds"]
        print_table([*columns, "difference in points", "p"], rows)
    _print_measures(found)
    corrected = _CORRECTED.format(tests=plural(found.tests, "test")) if found.tests else _ONE_SEED
    screen.print(f"\n{_MEANING} {corrected}", soft_wrap=True)
    _print_stopped(found)


def _state(found: StudyTable) -> str:
    spent = f"{found.tokens:,} tokens, {found.calls:,} calls"
    money = f", {found.money:.2f} of money" if found.money else ""
    limits = ", ".join(f"{limit:,.10g} {name}" for name, limit in found.limits.items())
    of = f" (budget: {limits})" if limits else ""
    return f"Study {found.name}: {found.finished} of {found.planned} runs have a result; {spent}{money}{of}."


def _row(row: Row, *, named: bool) -> list[object]:
    seeds = row.seeds if row.seeds == row.planned else f"{row.seeds} of {row.planned}"
    gain = _tested(row.gain) if row.gain else ["-", "-"]
    values = [number(row.before, 3), number(row.after, 3), *gain]
    return [row.model, row.target, *([row.setting] if named else []), row.arm, seeds, *values]


def _tested(one: Tested) -> list[str]:
    points = f"{100 * one.difference:+.1f}"
    if one.low is not None and one.high is not None:
        points += f" ({100 * one.low:+.1f} to {100 * one.high:+.1f})"
    return [points, number(one.corrected, 3)]


def _print_measures(found: StudyTable) -> None:
    """Print the other measures of the tasks, before and after."""
    rows = [row for row in found.rows if row.measures]
    names = list(dict.fromkeys(pair.measure for row in rows for pair in row.measures))
    shown = [name for name in names if measure_title(name)]
    if not shown:
        return
    print()
    places = dict.fromkeys((row.model, row.target, row.setting) for row in rows)
    table = []
    for place in places:
        of_place = [row for row in rows if (row.model, row.target, row.setting) == place]
        lines = {f"before {row.arm}": _values(row, shown, after=False) for row in of_place}
        if len(set(map(tuple, lines.values()))) == 1:
            lines = {"before": next(iter(lines.values()))}
        lines |= {row.arm: _values(row, shown, after=True) for row in of_place}
        table += [[*(part for part in place if part), name, *values] for name, values in lines.items()]
    columns = ["model", "target", *(["settings"] if rows[0].setting else []), "arm"]
    print_table([*columns, *map(measure_title, shown)], table)


def _values(row: Row, names: Sequence[str], *, after: bool) -> list[str]:
    """Return the measures of a row, before or after."""
    found = {pair.measure: pair.after if after else pair.before for pair in row.measures}
    return [number(found.get(name), 3) for name in names]


def _print_stopped(found: StudyTable) -> None:
    stopped = [cell for cell in found.cells if cell.status in ("failed", "no result")]
    if stopped:
        print("\nRuns without a result:")
        rows = [
            [cell.run, cell.target, cell.model, cell.arm, cell.seed, cell.status, one_line(cell.error or "")]
            for cell in stopped
        ]
        print_table(["run", "target", "model", "arm", "seed", "status", "reason"], rows)
