"""The options of `watch` and `replay` that select messages."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..console.selection import Selection


class _Pattern(click.ParamType["re.Pattern[str]"]):
    name = "regex"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "re.Pattern[str]":
        try:
            return re.compile(value)
        except re.error as error:
            self.fail(f"{value!r} is not a valid regular expression: {error}.", param, ctx)


_OPTIONS = (
    click.option(
        "--from",
        "since",
        type=click.IntRange(min=1),
        metavar="SEQ",
        help="Start at the event with this number.",
    ),
    click.option(
        "--role",
        "roles",
        multiple=True,
        help="Only messages to or from this role: curator, reference, scorer, wording_judge or model. "
        "Repeatable.",
    ),
    click.option(
        "--kind",
        "kinds",
        multiple=True,
        help="Only messages of this kind, such as prompt.scored or 'call.*'. Repeatable.",
    ),
    click.option(
        "--stage",
        metavar="NAME",
        help="Only messages of this stage: source, carried, target or control, or target:NAME for one of "
        "several targets.",
    ),
    click.option(
        "--module",
        "modules",
        multiple=True,
        metavar="TEXT",
        help="Only calls of a program that rest on this text of the prompt, with their replies. Repeatable.",
    ),
    click.option(
        "--grep", "pattern", type=_Pattern(), help="Only messages that match this regular expression."
    ),
)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to `command`. `selection_of` makes a `Selection` from their values."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def selection_of(
    since: int | None,
    roles: tuple[str, ...],
    kinds: tuple[str, ...],
    stage: str | None,
    modules: tuple[str, ...],
    pattern: "re.Pattern[str] | None",
) -> "Selection":
    """Return the selection that the options describe."""
    # Imported here because `tp watch --help` must start fast, and this loads pydantic and rich.
    from ..console.selection import Selection

    return Selection(since or 0, roles, kinds, stage, modules, pattern)
