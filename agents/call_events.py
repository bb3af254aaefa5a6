"""Stored calls: their kinds, and the queries that find replies in a log. Loads no message classes."""

from collections.abc import Collection, Sequence

from ..storage.errors import UnknownRun
from ..storage.event import Event
from ..storage.reader import Reader

PROGRAMS = "scorer.program"
"""Name of the model that runs programs. Its own calls cost nothing: the calls that programs make are paid."""
_MODULES, _OF = "+", " of "
"""What stands between the texts in the subject of a program's call, and before the example."""
REPLY = "call.finished"
CALL_KINDS = ("call.requested", REPLY)
"""Kinds of nearly all events of a log. An index holds the others: see `storage.schema.index_ddl`."""
KEY_OFFSET = len('{"kind":"call.finished","key":"')
"""Byte at which the key of a stored reply begins. `key` is its second field, so the place is fixed."""


def about_program_call(texts: Sequence[str], role: str, example: str) -> str:
    """Return the subject of a program's call: the texts that it rests on, or else the role asked."""
    return f"{_MODULES.join(texts) or role}{_OF}{example}"


def module_of(about: str) -> str:
    """Return the module in the subject of a program's call: its texts, joined by "+", or the role asked."""
    return about.partition(_OF)[0]


def module_names(module: str) -> tuple[str, ...]:
    """Return the names of the texts that a module consists of."""
    return tuple(module.split(_MODULES))


def reply_to(reader: Reader, run: str, call: str) -> Event:
    """Return the event with the reply to the call with the id `call`. Raise `UnknownRun` if there is none."""
    event = reader.caused_by(run, call, REPLY)
    if event is None:
        raise UnknownRun(f"Run {run} has no reply to call {call}.")
    return event


def replies_with(reader: Reader, key: str, runs: Sequence[str] | None = None) -> list[Event]:
    """Return the replies to calls with this key in commit order, from `runs` or from every run.

    Redacted replies are not among them.
    """
    return reader.with_data_at(REPLY, KEY_OFFSET, key.encode(), runs)


def count_answered(reader: Reader, run: str, calls: Collection[str], version: int) -> int:
    """Return how many of the calls with these ids have a reply among the first `version` events of `run`."""
    return reader.count_caused(run, calls, REPLY, version)
