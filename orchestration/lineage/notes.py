"""Notes that the user adds to a run later. No agent receives them, so a replay is not affected."""

from hashlib import sha256

from ...agents.messages import EventRedacted, ForkMade, RunForked, RunImported
from ...agents.messages.codec import encode
from ...storage.event import Draft, event_id

Note = RunForked | ForkMade | RunImported | EventRedacted
_FIRST = 2_000_000
"""First ordinal of notes; lower ordinals of the user belong to opening messages and resumptions."""


def note(run: str, version: int, message: Note) -> Draft:
    """Return the draft of a note that becomes the `version`-th event of `run`."""
    data = encode(message)
    # Two processes may add notes to a run at the same time. Equal notes are one, all others have two ids.
    contents = f"{message.kind}/{sha256(data).hexdigest()}"
    return Draft(
        run=run,
        id=event_id(run, None, "user", _FIRST + version, contents),
        kind=message.kind,
        schema=message.SCHEMA,
        sender="user",
        recipients=(),
        cause=None,
        data=data,
    )
