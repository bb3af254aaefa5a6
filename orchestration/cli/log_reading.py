"""Open a log for a command that only reads it."""

import click

from ...storage.errors import StorageError
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader


def open_log(place: Place) -> Reader:
    """Return a reader of the log at `place`. Warn on stderr if events may be missing at the end of the log.

    What a log still holds can be looked at, so this is no error.
    """
    reader = open_reader(place)
    try:
        reader.check_end()
    except StorageError as error:
        click.echo(f"Warning: {error}", err=True)
    return reader
