"""Encode messages as the bytes that the log keeps, and decode them.

A role may bring message kinds of its own (`register`). These are stored together with their gist, so that a
log can be read and shown without the role: reading a log never loads code that the log names.
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
_ROLE_KINDS: dict[str, type[Message]] = {}
"""Kind -> message class, for the kinds of loaded roles."""
_GIST = "gist"
"""Key under which the gist of a role's own message is stored."""


class KindTaken(TransferPromptingError, ValueError):
    """Two message classes claim the same kind, or a class has no kind."""


def kind_of(cls: type[Message]) -> str:
    """Return the kind of a message class. Raises `KindTaken` if it has no kind of its own."""
    kind = cls.model_fields["kind"].default
    if not isinstance(kind, str) or not kind:
        raise KindTaken(
            f"{cls.__name__} has no kind. Give it one: "
            f'kind: Literal["{cls.__name__.lower()}.said"] = "{cls.__name__.lower()}.said"'
        )
    return kind


def register(classes: Iterable[type[Message]]) -> None:
    """Register the message classes of a role. A class may be registered again, or replaced by a new version.

    Raises `KindTaken` if another class has the kind already.
    """
    for cls in classes:
        kind = kind_of(cls)
        known = _class_of(kind)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise KindTaken(
                f"The kind {kind!r} of {cls.__name__} is the kind of {known.__name__} already. "
                "Give it a kind of its own."
            )
        if kind not in KINDS:
            _ROLE_KINDS[kind] = cls


def is_known(message: Message) -> bool:
    """Return whether `decode` can restore `message`: its class must be the one registered for its kind."""
    return type(message) is _class_of(message.kind)


def encode(message: Message) -> bytes:
    """Return the message as UTF-8 JSON: its fields in declared order, then the gist of a role's own kind."""
    data = message.model_dump_json().encode()
    if message.kind in KINDS:
        return data
    return data[:-1] + b',"gist":' + orjson.dumps(message.gist()) + b"}"


def decode(event: Event) -> Message:
    """Return the message of a committed event, lifted to the current schema if it is older.

    Raises `LogUnreadable` if the payload is invalid, and `PayloadRedacted` if it has been blanked. Both name
    the seq.
    """
    if is_redacted(event):
        raise PayloadRedacted(event)
    cls = KINDS.get(event.kind)
    if cls is None:
        return _decode_role_message(event)
    data = event.data
    if event.schema != cls.SCHEMA:
        data = orjson.dumps(UPCASTERS.lift(event, cls.SCHEMA))
    return _validated(cls, event, data)


def _class_of(kind: str) -> type[Message] | None:
    return KINDS.get(kind) or _ROLE_KINDS.get(kind)


def _decode_role_message(event: Event) -> Message:
    cls = _ROLE_KINDS.get(event.kind)
    payload = UPCASTERS.lift(event, cls.SCHEMA if cls else event.schema)
    gist = payload.pop(_GIST, None)
    if not isinstance(gist, str):
        raise LogUnreadable(
            f"Event seq {event.seq} is of kind {event.kind!r}, which this version does not know. "
            "Install the package of the role that sends it, or a later version."
        )
    if cls is None:
        fields: dict[str, Any] = {**payload, "kind": event.kind, "words": gist}
        return UnknownMessage.model_validate(fields)
    return _validated(cls, event, orjson.dumps(payload))


def _validated(cls: type[Message], event: Event, data: bytes) -> Message:
    try:
        # `model_validate_json` does the same, and spends a sixth of the time on its options.
        message: Message = cls.__pydantic_validator__.validate_json(data)
        return message
    except ValueError as error:
        raise LogUnreadable(f"Event seq {event.seq} ({event.kind}) cannot be read: {error}") from error
