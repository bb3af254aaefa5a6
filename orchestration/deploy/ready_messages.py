"""The messages that ask for the answer to one row with the winner of a run, for programs."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...prompts.errors import TaskError
from ...storage.opening import open_reader
from ...storage.place import Place
from ..errors import ConfigError
from .bodies import example_of
from .program_texts import refuse_program
from .winner import Winner, read_winner


def winner_messages(log: Place, run: str, columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return role and content of each message for a row. Raises `ConfigError` if it is of no use."""
    winner = _winner(log, run)
    refuse_program(winner, "request")
    try:
        request = winner.request(example_of(winner.task, columns))
    except KeyError as error:
        raise ConfigError(f"The row has no column {error}, which the request shows.") from None
    except (TaskError, ValueError) as error:
        raise ConfigError(str(error)) from error
    return [message.model_dump(include={"role", "content"}) for message in request.messages]


@lru_cache(maxsize=8)
def _winner(log: Place, run: str) -> Winner:
    """Return the winner of a finished run, which never changes."""
    with open_reader(log) as reader:
        return read_winner(reader, run)
