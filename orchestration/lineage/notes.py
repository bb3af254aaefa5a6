"""Notes: what the user adds to a run after the fact. No agent hears them, so they change no re-enactment."""

from ...agents.messages import EventRedacted, ForkMade, RunForked, RunImported
from ...agents.messages.codec import encode
from ...storage.event import Draft, event_id

Note = RunForked | ForkMade | RunImported | EventRedacted
_FIRST = 2_000_000
"""Places of the user's messages below this one are taken by opening messages and resumptions."""


def note(run: str, version: int, message: Note) -> Draft:
    """The draft of a note that becomes the `version`-th event of `run`."""
    return Draft(
        run=run,
        id=event_id(run, None, "user", _FIRST + version),
        kind=message.kind,
        schema=message.SCHEMA,
        sender="user",
        recipients=(),
        cause=None,
        data=encode(message),
    )
