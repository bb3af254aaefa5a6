"""A server's own words in an error: found in any shape, shortened, and harmless wherever they are shown."""

import re
import unicodedata
from typing import Any

_LENGTH = 300
"""Most characters of a server's message that are quoted."""
_KEYS = (
    "error",
    "message",
    "detail",
    "details",
    "msg",
    "errors",
    "error_message",
    "error_msg",
    "error_description",
    "status_msg",
    "description",
    "title",
    "reason",
    "base_resp",
)
"""Keys under which servers put their message, the most telling first."""
_DEPTH = 8
_HARMLESS_CATEGORIES = frozenset("LMNPSZ")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)


def message_in(value: Any) -> str:
    """Return the message in a parsed body of any shape, or the whole body as text."""
    found = _search(value, _DEPTH)
    if found:
        return found
    if isinstance(value, str):
        return page_text(value) if is_html(value) else value
    return str(value)[: 4 * _LENGTH] if value not in ({}, [], None) else ""


def parsed(text: str) -> Any:
    """Return the value of JSON, or the text itself if it is something else."""
    import orjson

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def has_message(value: Any) -> bool:
    """Return True if a parsed body holds a message where servers put the message of an error."""
    return isinstance(value, (dict, list)) and bool(_search(value, _DEPTH))


def is_html(text: str) -> bool:
    """Return True if a text is a web page."""
    return re.match(r"\s*(<!--.*?-->\s*)?<(!doctype|html|head|body)\b", text, re.IGNORECASE) is not None


def page_text(page: str) -> str:
    """Return the title of a web page, or else its text."""
    title = _TITLE.search(page)
    return (title[1] if title else "").strip() or _UNSEEN.sub(" ", page)


def sentence(text: str) -> str:
    """Return one harmless line of limited length that ends like a sentence."""
    line = harmless(text)[:_LENGTH].rstrip() or "no explanation"
    return line if line.endswith((".", "!", "?")) else line + "."


def harmless(text: str) -> str:
    """Return one line without control characters, marks of writing direction and lone surrogates."""
    seen = "".join(c if _is_shown(c) else " " for c in text[: 8 * _LENGTH])
    return " ".join(seen.split())


def _is_shown(character: str) -> bool:
    return unicodedata.category(character)[0] in _HARMLESS_CATEGORIES


def _search(value: Any, depth: int) -> str:
    if depth == 0:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_search_item(item, depth - 1) for item in value[:3])))
    if not isinstance(value, dict):
        return ""
    found = [_search_item(value[key], depth - 1) for key in _KEYS if value.get(key)]
    texts = list(filter(None, found))
    # A single word is a code, such as "invalid_request": the sentence stands elsewhere.
    best = next((text for text in texts if " " in text.strip()), texts[0] if texts else "")
    place = value.get("loc")
    if best and isinstance(place, list):
        return f"{'.'.join(map(str, place))}: {best}"
    return best


def _search_item(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return page_text(value) if is_html(value) else value
    return _search(value, depth)
