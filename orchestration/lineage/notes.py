"""Notes that the user adds to a run later. No agent receives them, so a replay is not affected."""

from ...agents.messages import EventRedacted, ForkMade, RunForked, RunImported
from ...agents.messages.codec import encode
from ...storage.event import Draft, event_id

Note = RunForked | ForkMade | RunImported | EventRedacted
_FIRST = 2_000_000
"""First ordinal of notes; lower ordinals of the user belong to opening messages and resumptions."""


def note(run: str, version: int, message: Note) -> Draft:
    """Return the draft of a note that becomes the `version`-th event of `run`."""
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
