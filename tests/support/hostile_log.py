"""The log of an attacker: a run in which every text is also a command to a terminal."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.event import Event

ATTACKS = (
    "\x1b]52;c;ZXZpbA==\x07",  # writes the clipboard
    "\x1b]0;owned\x07",  # sets the title
    "\x1b]8;;http://127.0.0.1:9/\x1b\\click\x1b]8;;\x1b\\",  # makes a link
    "\x1bP+q544e\x1b\\",  # asks the terminal to answer
    "\x1b_G\x1b\\",  # draws a picture
    "\x1b[8m",  # hides the text that follows
    "\x1b[2J\x1b[3J",  # erases the screen
    "\x9b8m\x9d0;owned\x9c",  # the same in one byte
    "\x08\x7f\x00\x0b\x0c\x0e\x05",
    "\r",
    "\u202ereversed\u2066\u200eisolated\u061c",
    "\u200bhidden\u2060\ufeff\u00ad\u3164\u115f",
    "\U000e0049\U000e0047\U000e0001\U000e0100",
    "\u2028\u2029\u0085",
    "[link=http://127.0.0.1:9/]markup[/link][bold][@click=app.quit]",
)
"""Terminal commands, characters that hide or turn text, and markup."""
ATTACK = "".join(ATTACKS)
_OWN = re.compile(r"\x1b\[(?!8m)[0-9;]*m|\x1b\[\?25[lh]|\x1b\[1A|\x1b\[2K|\x1b\[H|\r(?=\n|\x1b\[)")
"""Commands that the program's own displays use: colours, cursor, lines."""
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u200b\u200e\u2028-\u202e\u2060-\u2069\u3164\ufeff"
    r"\U000e0000-\U000e0fff]"
)


def dangers(output: str) -> list[str]:
    """Return what a terminal would obey, or would not show, in the output of the program."""
    return _FORBIDDEN.findall(_OWN.sub("", output))


def hostile_event(event: Event, attack: str = ATTACK) -> Event:
    """Return the event with `attack` behind every text in its payload that may be any text."""
    payload = orjson.loads(event.data)
    for place in list(_places(payload)):
        holder, key = place
        before = holder[key]
        holder[key] = before + attack
        if not _is_readable(event._replace(data=orjson.dumps(payload))):
            holder[key] = before
    return event._replace(data=orjson.dumps(payload))


def hostile_envelope(event: Event, attack: str = ATTACK) -> Event:
    """Return the event with `attack` in the names of its sender and recipients."""
    recipients = tuple(name + attack for name in event.recipients)
    return event._replace(sender=event.sender + attack, recipients=recipients)


def _is_readable(event: Event) -> bool:
    try:
        decode(event)
    except LogUnreadable:
        return False
    return True


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the holder and the key of every text inside `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(inner, str):
            yield value, key
        else:
            yield from _places(inner)
