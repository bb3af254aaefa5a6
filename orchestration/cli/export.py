"""The command `export`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...storage.export_file import export as write_file
from ...storage.opening import open_reader
from ...storage.place import Place
from .options import PATH, log_option, log_path, run_argument

if TYPE_CHECKING:
    from ..trackers.choice import TrackerName


@click.command
@run_argument
@click.option("-o", "--output", type=PATH, help="The file to write. It must not exist yet.")
@click.option(
    "--to",
    type=click.Choice(["mlflow", "wandb", "otel"]),
    help="The tracker to send the run to. mlflow: MLflow; wandb: Weights & Biases; otel: a "
    "collector of OpenTelemetry. Its address and its key are those in its own variables, such as "
    "MLFLOW_TRACKING_URI.",
)
@click.option("--follow", is_flag=True, help="With --to: keep the tracker up to date until the run ends.")
@click.option(
    "--project",
    metavar="NAME",
    help="With --to mlflow or wandb: the experiment or project.  [default: transfer-prompting]",
)
@click.option(
    "--content", is_flag=True, help="With --to otel: also send the texts of all requests and replies."
)
@log_option
def export(
    run: str,
    output: Path | None,
    to: "TrackerName | None",
    follow: bool,
    project: str | None,
    content: bool,
    log: Place | None,
) -> None:
    """Write a run to a file, or send it to an experiment tracker.

    The file is in the format JSON Lines, and `tp import` can read it. A run that is sent twice is there once.
    """
    if (output is None) == (to is None):
        raise click.UsageError("Give either -o FILE or --to TRACKER.")
    if to is None and (follow or project or content):
        raise click.UsageError("--follow, --project and --content belong to --to.")
    if (content and to != "otel") or (project and to == "otel"):
        raise click.UsageError(f"{'--content' if content else '--project'} is not for --to {to}.")
    if to is not None:
        _send(log_path(log, run), run, to, follow=follow, project=project, content=content)
        return
    assert output is not None
    with open_reader(log_path(log, run)) as reader:
        name = reader.resolve(run)
        count = write_file(reader, name, output)
    print(f"Wrote {count:,} events of {name} to {output}.")


def _send(
    place: Place, run: str, tracker: "TrackerName", *, follow: bool, project: str | None, content: bool
) -> None:
    # Imported here because writing a file decodes no message.
    from ..trackers.choice import follower_for
    from ..trackers.following import export_run
    from .log_reading import open_log

    with open_log(place) as reader:
        name = reader.resolve(run)
        follower = follower_for(tracker, project=project, content=content)
        last = export_run(reader, name, follower, follow=follow)
    print(f"Sent {name} to {tracker}, up to seq {last:,}.")
