"""The commands that explain a run: why, cost, report, compare. None of them writes to a log."""

from pathlib import Path

import click

from ...storage.place import Place
from .options import PATH, json_option, last_run_argument, log_option, log_path, run_argument


@click.command
@run_argument
@click.argument("prompt", help='A prompt, by its id or the start of it; "best" is the one to use.')
@click.option("--example", help="What its model said about the example with this id.")
@log_option
@json_option
def why(run: str, prompt: str, example: str | None, log: Place | None, json: bool) -> None:
    """Tell a prompt's life: where it comes from, how it scored, whom it met, how it ended."""
    from ...storage.opening import open_reader
    from ..projections.example_history import example_history
    from ..projections.history import read_history
    from ..projections.prompt_history import prompt_history
    from .lives import print_example, print_life

    with open_reader(log_path(log)) as reader:
        account = read_history(reader, reader.resolve(run))
        id_ = account.prompt(prompt).id
        if example is None:
            print_life(account, prompt_history(account, id_), as_json=json)
        else:
            print_example(account.run, example_history(account, reader, id_, example), as_json=json)


@click.command
@last_run_argument
@click.option("-o", "--output", type=PATH, help="The file to write, or replace.  [default: RUN.html]")
@log_option
@json_option
def report(run: str, output: Path | None, log: Place | None, json: bool) -> None:
    """Write a run as one HTML file that opens offline: verdict, curves, examples, family tree, costs."""
    from ...storage.opening import open_reader
    from ..projections.history import read_history
    from ..report.contents import contents_of
    from .documents import fields, print_document
    from .files import write_page

    with open_reader(log_path(log)) as reader:
        contents = contents_of(read_history(reader, reader.resolve(run)))
    if json:
        print_document("report", fields(contents))
        return

    from ..report.page import page

    write_page(output or Path(f"{contents.run}.html"), page(contents))


@click.command
@click.argument("runs", nargs=-1, required=True, help="Two runs or more of the same log.")
@click.option("-o", "--output", type=PATH, help="An HTML file to write instead.")
@log_option
@json_option
def compare(runs: tuple[str, ...], output: Path | None, log: Place | None, json: bool) -> None:
    """Several runs side by side: verdicts, prompts, costs, settings. (`diff`: where two of them part.)"""
    from ...storage.opening import open_reader
    from ..projections.history import read_history
    from ..report.side_by_side import side_by_side
    from .files import write_page
    from .side_by_side import print_side_by_side

    with open_reader(log_path(log)) as reader:
        names = dict.fromkeys(reader.resolve(run) for run in runs)
        if len(names) < 2:
            raise click.UsageError(f"One run cannot be compared with itself: {', '.join(names)}.")
        found = side_by_side([read_history(reader, name) for name in names])
    if output is None or json:
        print_side_by_side(found, as_json=json)
        return

    from ..report.page import comparison_page

    write_page(output, comparison_page(found))


@click.command
@last_run_argument
@log_option
@json_option
def cost(run: str, log: Place | None, json: bool) -> None:
    """What a run cost, by role and by stage, and where its time went."""
    from ...storage.opening import open_reader
    from ..projections.history import read_history
    from .costs import print_cost

    with open_reader(log_path(log)) as reader:
        print_cost(read_history(reader, reader.resolve(run)), as_json=json)
