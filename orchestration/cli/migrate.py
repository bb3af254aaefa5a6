"""The command `migrate`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...storage.event import Event
from ...storage.place import Place
from .consent_options import consent_of, consent_options, require_approval
from .log_reading import open_log
from .options import (
    display_option,
    log_option,
    records_option,
    run_argument,
    target_option,
    unreadable_option,
    writable_log,
)

if TYPE_CHECKING:
    from ..console.display import Mode


@click.command
@run_argument
@click.option(
    "--scorer",
    required=True,
    metavar="MODEL",
    help="The new model: a name at OpenAI, PROVIDER/MODEL, or a TOML file with a table [models.scorer].",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another setting to change, such as search.answer=stated. Repeatable.",
)
@target_option
@log_option
@display_option
@unreadable_option
@consent_options
@records_option
def migrate(
    run: str,
    scorer: str,
    settings: tuple[str, ...],
    target: str | None,
    log: Place | None,
    display: "Mode",
    accept_unreadable: bool,
    trust: bool,
    own: Path | None,
    json: bool,
) -> None:
    """Carry the prompts of a finished run to another model.

    The best prompt, the best of your own and up to four others of the Pareto front answer the development
    examples with the new model. Only if the best is credibly worse there, than your own prompt or than on the
    old model, the search goes on with what the run has taught. Then the held-out examples decide.
    """
    # Imported here because `tp migrate --help` does without pydantic.
    from ..config.overrides import parse
    from ..lineage.migrate import Migration, read_scorer
    from ..projections.migration_table import migration_table
    from ..runtime.lifecycle import begin
    from .migration_text import print_migration
    from .output import print_record
    from .run_display import run_in_view

    place, consent = writable_log(log, run), consent_of(trust, own)
    require_approval(place, run, consent, calls=True)
    with open_log(place) as reader:
        name = reader.resolve(run)
        planned = Migration(place, reader, name, read_scorer(scorer), parse(settings), target, consent)
    made: set[str] = set()

    def noting(watch: Callable[[Event], None]) -> Callable[[Event], None]:
        def note(event: Event) -> None:
            made.add(event.run)
            watch(event)

        return note

    try:
        run_in_view(
            lambda watch, say: begin(
                planned.config,
                lambda pool: planned.opening(pool, say),
                place,
                noting(watch),
                accept_unreadable=accept_unreadable,
                say=say,
            ),
            display,
            place,
            records=json,
        )
    finally:
        if made:
            with open_log(place) as reader:
                table = migration_table(reader, next(iter(made)))
            if table is not None and json:
                print_record("migration", table)
            elif table is not None:
                print_migration(table)
