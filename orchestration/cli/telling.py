"""The commands that explain a run: why, report, compare. None of them writes to a log."""

import click

from ...storage.places import Place
from .options import json_option, log_option, log_path, run_argument


@click.command
@run_argument
@click.argument("prompt", help='A prompt, by its id or the start of it; "best" is the one to use.')
@click.option("--example", help="What its model said about the example with this id.")
@log_option
@json_option
def why(run: str, prompt: str, example: str | None, log: Place | None, json: bool) -> None:
    """Tell a prompt's life: where it comes from, how it scored, whom it met, how it ended."""
    from ...storage.places import open_reader
    from ..account.gathering import gather
    from ..why.answers import story_of
    from ..why.life import life_of
    from .lives import print_example, print_life

    with open_reader(log_path(log)) as reader:
        account = gather(reader, reader.resolve(run))
        id_ = account.prompt(prompt).id
        if example is None:
            print_life(account, life_of(account, id_), as_json=json)
        else:
            print_example(account.run, story_of(account, reader, id_, example), as_json=json)
