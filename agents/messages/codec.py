"""Messages to and from the bytes that the log keeps.

A role may bring message kinds of its own (`register`). They are stored with their gist, so that a log can be
read and shown where the role is not installed: reading a log never loads code that the log names.
"""

from collections.abc import Iterable
from typing import Any, get_args

import orjson

from ...storage.errors import LogUnreadable, TransferPromptingError
from ...storage.event import Event
from ...storage.redaction import PayloadRedacted, is_redacted
from ..upcasting import UPCASTERS
from . import AnyMessage, Message
from .unknown import UnknownMessage

_UNION = get_args(get_args(AnyMessage)[0])
KINDS: dict[str, type[Message]] = {cls.model_fields["kind"].default: cls for cls in _UNION}
"""Kind -> message class, for every kind that comes with this version."""
_OWN: dict[str, type[Message]] = {}
"""Kind -> message class, for the kinds of loaded roles."""
_GIST = "gist"


class KindTaken(TransferPromptingError, ValueError):
    """Two message classes claim the same kind, or a class has none."""


def kind_of(cls: type[Message]) -> str:
    """The kind of a message class. Raises `KindTaken` where it has none of its own."""
    kind = cls.model_fields["kind"].default
    if not isinstance(kind, str) or not kind:
        raise KindTaken(
            f"{cls.__name__} has no kind. Give it one: "
            f'kind: Literal["{cls.__name__.lower()}.said"] = "{cls.__name__.lower()}.said"'
        )
    return kind


def register(classes: Iterable[type[Message]]) -> None:
    """Make message classes of a role known. A class may be registered again, and in a newer version."""
    for cls in classes:
        kind = kind_of(cls)
        known = KINDS.get(kind) or _OWN.get(kind)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise KindTaken(f"The kind {kind!r} of {cls.__name__} is the kind of {known.__name__} already.")
        if kind not in KINDS:
            _OWN[kind] = cls


def is_known(message: Message) -> bool:
    """Whether the log could give `message` back: its class is the one that its kind stands for."""
    return type(message) is (KINDS.get(message.kind) or _OWN.get(message.kind))


def encode(message: Message) -> bytes:
    """The message as UTF-8 JSON, its fields in the order of their declaration, then a role's gist."""
    data = message.model_dump_json().encode()
    if message.kind in KINDS:
        return data
    return data[:-1] + b',"gist":' + orjson.dumps(message.gist()) + b"}"


def decode(event: Event) -> Message:
    """The message of a committed event, lifted to today's shape if it was written in an older one.

    Raises `LogUnreadable`, and `PayloadRedacted` where nothing is left of it; both name the seq.
    """
    if is_redacted(event):
        raise PayloadRedacted(event)
    cls = KINDS.get(event.kind)
    if cls is None:
        return _decode_own(event)
    data = event.data
    if event.schema != cls.SCHEMA:
        data = orjson.dumps(UPCASTERS.lift(event, cls.SCHEMA))
    return _validated(cls, event, data)


def _decode_own(event: Event) -> Message:
    cls = _OWN.get(event.kind)
    payload = UPCASTERS.lift(event, cls.SCHEMA if cls else event.schema)
    words = payload.pop(_GIST, None)
    if not isinstance(words, str):
        raise LogUnreadable(
            f"Event seq {event.seq} is of kind {event.kind!r}, which this version does not know. "
            "Install the package whose role says it, or a later version."
        )
    if cls is None:
        fields: dict[str, Any] = {**payload, "kind": event.kind, "words": words}
        return UnknownMessage.model_validate(fields)
    return _validated(cls, event, orjson.dumps(payload))


def _validated(cls: type[Message], event: Event, data: bytes) -> Message:
    try:
        return cls.model_validate_json(data)
    except ValueError as error:
        raise LogUnreadable(f"Event seq {event.seq} ({event.kind}) cannot be read: {error}") from error
