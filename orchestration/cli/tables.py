"""Plain tables on stdout. Imports little: commands that only list must start at once."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..projections.listed_runs import ListedRun
from .documents import print_document


def print_runs(runs: Sequence[ListedRun], *, as_json: bool) -> None:
    """One line a run."""
    rows = [
        {
            "run": run.run,
            "status": run.status,
            "events": run.events,
            "started": _time(run.started_at).isoformat(timespec="seconds"),
            "seconds": round(run.seconds, 1),
        }
        for run in runs
    ]
    if as_json:
        print_document("runs", {"runs": rows})
        return
    print_table(["run", "status", "events", "started", "seconds"], [list(row.values()) for row in rows])


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns without lines; long cells are folded."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)


def _time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6).astimezone()
