"""The options of `watch` and `replay` that say which messages to show."""

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
            self.fail(f"{value!r} is no regular expression: {error}.", param, ctx)


_OPTIONS = (
    click.option("--from", "since", type=click.IntRange(min=1), metavar="SEQ", help="Begin at this event."),
    click.option(
        "--role",
        "roles",
        multiple=True,
        help="Only what this role says or hears: curator, reference, scorer, judge, model; more than once.",
    ),
    click.option(
        "--kind",
        "kinds",
        multiple=True,
        help="Only messages of this kind, as prompt.scored or 'call.*'; more than once.",
    ),
    click.option("--stage", type=click.Choice(["source", "target", "control"]), help="Only this stage."),
    click.option("--grep", "pattern", type=_Pattern(), help="Only messages in which this is found."),
)


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options; their values make a `Selection` with `selection_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def selection_of(
    since: int | None,
    roles: tuple[str, ...],
    kinds: tuple[str, ...],
    stage: str | None,
    pattern: "re.Pattern[str] | None",
) -> "Selection":
    """The selection that the options describe."""
    from ..console.selection import Selection

    return Selection(since or 0, roles, kinds, stage, pattern)
