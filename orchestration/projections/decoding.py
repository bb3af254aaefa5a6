"""Decode stored events for projections, which must also read logs that were redacted or written elsewhere."""

from typing import Any

from ...agents.call_events import CALL_KINDS
from ...agents.messages import Message
from ...agents.messages.codec import decode
from ...agents.upcasting import UPCASTERS
from ...storage.errors import LogUnreadable
from ...storage.event import Event


def message_for(event: Event) -> Message | None:
    """Return the message of an event; None for `CALL_KINDS` and for a redacted payload.

    Raises `LogUnreadable` naming the seq.
    """
    return None if event.kind in CALL_KINDS or not event.data else decode(event)


def readable(event: Event) -> Message | None:
    """Return the message as `message_for` does, and None also if this version cannot read it."""
    try:
        return message_for(event)
    except LogUnreadable:
        return None


def any_message(event: Event) -> Message | None:
    """Return the message of any event, calls included; None if it is redacted or unreadable."""
    try:
        return decode(event) if event.data else None
    except LogUnreadable:
        return None


def call_payload(event: Event) -> dict[str, Any]:
    """Return the payload of a call; empty if it was redacted or this version cannot read it."""
    try:
        return UPCASTERS.payload(event) if event.data else {}
    except LogUnreadable:
        return {}
