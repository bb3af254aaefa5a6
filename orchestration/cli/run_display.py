"""Showing a run while `run`, `resume` or `fork` carries it out."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from typing import Any

import click

from ...storage.event import Event
from ...storage.hints import command
from ...storage.place import Place
from ..console.best_effort import BestEffortDisplay
from ..console.display import Mode, choose_display
from ..errors import NoResult
from ..projections.no_result import FinalComparison
from ..projections.run_status import ENDS
from .options import log_path
from .run_records import RunRecords
from .screen import open_screen

Watch = Callable[[Event], None]
Say = Callable[[str], None]
Work = Callable[[Watch, Say], Coroutine[Any, Any, tuple[str, Any]]]
"""A run as a coroutine function that passes on its events and notes, and returns its name first."""


def run_in_view(work: Work, mode: Mode, log: Place, *, records: bool = False) -> None:
    """Carry out a run with a display, and print its name at the end.

    With `records`, also print a launch record and a done record on stdout. Raise `NoResult` at the end if the
    final comparison of the run says nothing.
    """
    if records and mode == "json":
        raise click.UsageError("--json prints two records, --display json prints every event: choose one.")
    screen = open_screen(stderr=True)
    printed, comparison = RunRecords(log), FinalComparison()
    notes: list[str] = []
    ended: set[str] = set()

    def watch(event: Event) -> None:
        display.apply(event)
        comparison.apply(event)
        if event.kind in ENDS:
            ended.add(event.kind)
        if records:
            printed.apply(event)

    display = BestEffortDisplay(choose_display(mode, screen))
    try:
        with printed.until_done() if records else nullcontext(), display:
            name, _ = asyncio.run(work(watch, notes.append))
            printed.no_result = comparison.no_result
        if lost := display.lost or printed.lost:
            notes.append(f"The output ended early ({lost.strerror}). The run is complete.")
    finally:
        for note in notes:
            screen.print(note, soft_wrap=True)
    place = None if log == log_path(None) else log
    again, prompt = command("replay", name, log=place), command("best", name, log=place)
    # The verdicts of several targets name the command for each of their prompts.
    own = "" if "targets.finished" in ended else f" | its prompt: {prompt}"
    screen.print(f"The run is {name}. See it again: {again}{own}", soft_wrap=True)
    if printed.no_result is not None:
        raise NoResult(name, printed.no_result)
