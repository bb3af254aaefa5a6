"""Feedback in words: short sentences for the agent that improves the prompt."""

from collections.abc import Iterable

from .grade import Output

LONGEST = 120
"""Number of characters of a value that feedback shows."""
_MOST = 6


def shown(value: str, longest: int = LONGEST) -> str:
    """Return `value` between quotes, on one line, without control characters, cut to `longest` characters."""
    text = " ".join(value[: 4 * longest].split())
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
    cut = len(text) > longest or len(value) > 4 * longest
    return f'"{text[:longest].rstrip()}..."' if cut else f'"{text}"'


def listed(values: Iterable[str], most: int = _MOST) -> str:
    """Return the first values, separated by commas, and how many more there are."""
    kept = list(values)
    rest = f" and {len(kept) - most} more" if len(kept) > most else ""
    return ", ".join(kept[:most]) + rest


def expected_and_got(golds: tuple[str, ...], text: str) -> str:
    """Return "Expected ..., got ..."."""
    wanted = " or ".join(map(shown, golds[:3]))
    return f"Expected {wanted}{' or another' if len(golds) > 3 else ''}, got {shown(text)}."


def unreadable(output: Output) -> str:
    """Return why a reply without an answer gets nothing."""
    if output.cut:
        return "The reply was cut off at its token limit before an answer could be read."
    if not output.text.strip():
        return "The reply is empty."
    return f"No answer in the demanded form could be read in the reply: {shown(output.text)}."
