"""Showing a run while `run`, `resume` or `fork` carries it out."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from typing import Any

import click

from ...storage.event import Event
from ...storage.place import Place, shown
from ..console.display import Mode, choose_display
from ..console.safe_console import open_console
from .options import log_path
from .run_records import RunRecords

Watch = Callable[[Event], None]
Say = Callable[[str], None]
Work = Callable[[Watch, Say], Coroutine[Any, Any, tuple[str, Any]]]
"""A run as a coroutine function that passes on its events and notes, and returns its name first."""


def run_in_view(work: Work, mode: Mode, log: Place, *, records: bool = False) -> None:
    """Carry out a run with a display, and print its name at the end.

    With `records`, also print a launch record and a done record on stdout.
    """
    if records and mode == "json":
        raise click.UsageError("--json prints two records, --display json prints every event: choose one.")
    screen = open_console(stderr=True)
    printed = RunRecords(log)
    notes: list[str] = []

    def watch(event: Event) -> None:
        display.apply(event)
        if records:
            printed.apply(event)

    with printed.until_done() if records else nullcontext(), choose_display(mode, screen) as display:
        name, _ = asyncio.run(work(watch, notes.append))
    place = "" if log == log_path(None) else f" --log {shown(log)}"
    end = f"The run is {name}. See it again: tp replay {name}{place} | its prompt: tp best {name}{place}"
    for line in (*notes, end):
        screen.print(line, soft_wrap=True)
