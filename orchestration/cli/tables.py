"""What the reading commands print: plain tables on stdout, or JSON."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from rich.console import Console
from rich.json import JSON
from rich.table import Table
from rich.text import Text

from ...agents.codec import decode
from ...agents.messages import RunFinished
from ...prompts.task_settings import TaskSettings
from ...storage.errors import UnknownRun
from ...storage.event import Event
from ...storage.reader import LogReader, RunSummary
from ..doctor import Check

_ENDED = {"run.finished": "finished", "run.failed": "failed", "handler.failed": "failed"}


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    print(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_runs(runs: Sequence[RunSummary], *, as_json: bool) -> None:
    """One line a run."""
    rows = [
        {
            "run": run.run,
            "state": _ENDED.get(run.last_kind, "unfinished"),
            "events": run.events,
            "started": _time(run.first_at).isoformat(timespec="seconds"),
            "seconds": round((run.last_at - run.first_at) / 1e6, 1),
        }
        for run in runs
    ]
    if as_json:
        print_json(rows)
        return
    _table(["run", "state", "events", "started", "seconds"], [list(row.values()) for row in rows])


def print_tasks(tasks: Mapping[str, TaskSettings], *, as_json: bool) -> None:
    """One line a task."""
    if as_json:
        print_json({name: task.model_dump(mode="json") for name, task in tasks.items()})
        return
    _table(["task", "answer", "what"], [[n, t.answer.type, t.description] for n, t in tasks.items()])


def print_checks(checks: Sequence[Check], *, as_json: bool) -> None:
    """One line a finding."""
    if as_json:
        print_json([{"name": c.name, "ok": c.ok, "detail": c.detail, "optional": c.optional} for c in checks])
        return
    signs = {True: "yes", False: "no"}
    _table(["", "here", "detail"], [[c.name, signs[c.ok], c.detail] for c in checks])


def print_event(event: Event, *, as_json: bool) -> None:
    """One message in full."""
    message = decode(event).model_dump(mode="json")
    envelope = {
        "seq": event.seq,
        "run": event.run,
        "version": event.version,
        "id": event.id,
        "kind": event.kind,
        "schema": event.schema,
        "sender": event.sender,
        "recipients": list(event.recipients),
        "cause": event.cause,
        "time": event.time.isoformat(),
        "hash": event.hash.hex(),
    }
    if as_json:
        print_json({**envelope, "message": message})
        return
    console = Console()
    for key, value in envelope.items():
        console.print(Text.assemble((f"{key:>10}  ", "dim"), str(value)), soft_wrap=True)
    console.print(JSON.from_data(message), soft_wrap=True)


def print_outcome(events: Iterable[Event], *, as_json: bool) -> None:
    """The prompts of a run with their score vectors, and the verdict."""
    from ..console.table import outcome
    from ..view import RunView, message_for

    view = RunView()
    for event in events:
        view.feed(event, message_for(event))
    if as_json:
        print_json(view.as_json())
        return
    Console().print(outcome(view))


def print_best(run: str, reader: LogReader, *, as_json: bool) -> None:
    """The text of the best prompt alone, or all that is known of it."""
    finished = next(reader.read(run, kinds=("run.finished",)), None)
    if finished is not None:
        message = decode(finished)
        assert isinstance(message, RunFinished)
        print_json(message.model_dump(mode="json")) if as_json else print(message.best.text)
        return
    closed = list(reader.read(run, kinds=("stage.finished",)))
    if not closed:
        raise UnknownRun(
            f"Run {run} has not finished a stage yet, so it has no best prompt. `tp resume {run}` goes on."
        )
    best = orjson.loads(closed[-1].data)["best"]
    print_json({"best": best, "unfinished": True}) if as_json else print(best["candidate"]["text"])


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)


def _time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6).astimezone()
