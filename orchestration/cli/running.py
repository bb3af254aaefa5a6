"""The commands that carry a run on: run, resume."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import defaults
from .options import DisplayOption, LogOption, RunArgument, log_path

if TYPE_CHECKING:
    from ..console.display import Mode


def run(
    config: Annotated[Path | None, typer.Argument(help="A TOML file; `tp init` writes one.")] = None,
    log: LogOption = None,
    display: DisplayOption = "auto",
) -> None:
    """Optimise a prompt as the configuration says, in view."""
    from ..config import read_config

    path = config or defaults.CONFIG
    settings = read_config(path)
    place = log or settings.log

    from ..session import start

    watched(display, lambda watch: start(settings, path.parent, place, watch), place)


def resume(run: RunArgument = "last", log: LogOption = None, display: DisplayOption = "auto") -> None:
    """Go on with a run that was killed or has failed; finished calls are not made again."""
    from ..session import resume as go_on

    place = log_path(log)
    watched(display, lambda watch: go_on(place, run, watch), place)


def watched(mode: "Mode", go: Callable[[Any], Coroutine[Any, Any, tuple[str, Any]]], log: Path) -> None:
    """Carry a run on with a display, and say at the end what its name is."""
    from rich.console import Console

    from ...storage.places import shown
    from ..console.display import choose_display

    talk = Console(stderr=True)
    with choose_display(mode, talk) as view:
        name, _ = asyncio.run(go(view.feed))
    place = "" if log == log_path(None) else f" --log {shown(log)}"
    talk.print(
        f"The run is {name}. See it again: tp replay {name}{place} | its prompt: tp best {name}{place}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
