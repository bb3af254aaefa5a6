"""The command `try`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...storage.place import Place
from .consent_options import consent_of, consent_options
from .options import PATH, json_option, log_option, log_path, run_argument, target_option
from .output import print_document

if TYPE_CHECKING:
    from ...prompts.loading.task_settings import TaskSettings
    from ..config.settings import Config


@click.command("try")
@run_argument
@target_option
@log_option
@click.option(
    "--input",
    "source",
    type=PATH,
    required=True,
    metavar="FILE",
    help="The rows: CSV, JSON Lines or Parquet, with the columns of the task's data. They need no right "
    "answers.",
)
@click.option(
    "--output",
    type=PATH,
    metavar="FILE",
    help="Where to write the rows with their answers, a name that ends in .csv or .jsonl.  [default: "
    "standard output, as CSV if the input is a table of text]",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Answer the first N rows alone.")
@consent_options
@json_option
def try_rows(
    run: str,
    target: str | None,
    log: Place | None,
    source: Path,
    output: Path | None,
    limit: int | None,
    trust: bool,
    own: Path | None,
    json: bool,
) -> None:
    """Answer new rows with the best prompt of a run.

    The request, the model and its settings are those that were measured. Columns are mapped as the task maps
    them in the recorded configuration, or in that of --config; a task in a folder needs --config for it. Each
    row gets the columns output, answer, confidence and error; a column that the row has already is kept, and
    the new one is called model_answer and so on. A row without a reply has the reason as its error, and the
    exit status is 1.
    """
    # Imported here because `tp try --help` does without pydantic.
    import asyncio

    from ..deploy.trial import Trial
    from ..deploy.winner import read_winner
    from ..errors import RowsFailed
    from ..projections.target_view import for_target
    from ..runtime.admission import admit
    from .log_reading import open_log

    consent = consent_of(trust, own)
    with open_log(log_path(log, run)) as reader:
        name = reader.resolve(run)
        config, _ = admit(reader, name, consent, calls=True)
        winner = read_winner(for_target(reader, name, target), name).with_config(config)
    settings = _task_settings(consent.own or config, winner.task.name, own)
    found = asyncio.run(Trial(winner, settings, source, output, limit, json, _say).run())
    if json:
        print_document("tried", found)
    _say(
        f"Prompt {found.prompt}: {found.rows - found.failed} of {found.rows} rows answered, "
        f"{found.unreadable} without an answer that can be read, {found.cut} cut off, "
        f"{found.prompt_tokens + found.completion_tokens:,} tokens."
    )
    if found.failed:
        raise RowsFailed(found.failed, found.rows)


def _task_settings(config: "Config", task: str, own: Path | None) -> "TaskSettings | None":
    """Return the settings of the target with this task; None if only the user could name their folder."""
    from ...prompts.loading.task_loader import bundled_tasks
    from ..runtime.assembly import find_task

    name = next(target.task for target in config.all_targets if Path(target.task).name == task)
    # A folder that a log names is not looked into.
    if name not in config.tasks and name not in bundled_tasks() and own is None:
        return None
    return find_task(config.tasks, own.parent if own else Path(), name, "target.task")[0]


def _say(text: str) -> None:
    print(text, file=sys.stderr)
