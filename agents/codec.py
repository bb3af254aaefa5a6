"""Messages to and from the bytes that the log keeps."""

from typing import get_args

import orjson

from ..storage.errors import LogUnreadable
from ..storage.event import Event
from ..storage.redaction import PayloadRedacted, is_redacted
from .messages import AnyMessage, Message
from .upcasting import UPCASTERS

_UNION = get_args(get_args(AnyMessage)[0])
KINDS: dict[str, type[Message]] = {cls.model_fields["kind"].default: cls for cls in _UNION}
"""Kind -> message class, for every kind that this version knows."""


def encode(message: Message) -> bytes:
    """The message as UTF-8 JSON, its fields in the order of their declaration."""
    return message.model_dump_json().encode()


def decode(event: Event) -> Message:
    """The message of a committed event, lifted to today's shape if it was written in an older one.

    Raises `LogUnreadable`, and `PayloadRedacted` where nothing is left of it; both name the seq.
    """
    if is_redacted(event):
        raise PayloadRedacted(event)
    cls = KINDS.get(event.kind)
    if cls is None:
        raise LogUnreadable(
            f"Event seq {event.seq} is of kind {event.kind!r}, which this version does not know. "
            "Install the package whose role says it, or a later version."
        )
    data = event.data
    if event.schema != cls.SCHEMA:
        data = orjson.dumps(UPCASTERS.lift(event, cls.SCHEMA))
    try:
        return cls.model_validate_json(data)
    except ValueError as error:
        raise LogUnreadable(f"Event seq {event.seq} ({event.kind}) cannot be read: {error}") from error
