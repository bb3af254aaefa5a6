"""Ask a model with a prompt that transfer-prompting has found, by the request that was measured.

`messages(**columns)` returns the messages for one row, and `body(**columns)` the whole request. What a column
holds is never taken for a template. As a program, it answers rows:

    python prompt.py --base-url http://127.0.0.1:8000/v1 < rows.jsonl

Each line of the input is a JSON object of columns, and each line of the output is a reply as JSON. The key of
the server is read from an environment variable. Needs Python 3.10 or newer, and no packages.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.request import HTTPRedirectHandler, Request, build_opener


class Column(NamedTuple):
    """A place that takes the value of a column."""

    name: str
    form: str = "as it is"
    """ "as it is", "stripped" of blanks at both ends, or "lettered": a list as lines such as "A. first"."""


class Turn(NamedTuple):
    """One turn of the request."""

    role: str
    pieces: tuple[str | Column, ...]
    history: bool = False
    """True if a chat history in the only column stands for all of its turns."""


# -- what was measured --
RUN = ""
PROMPT = ""
MEASURED_WITH = ""
READING = ""
MODEL = ""
BASE_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
PARAMETERS: dict[str, Any] = {}
TURNS: tuple[Turn, ...] = ()
WITHOUT_CONTEXT: tuple[Turn, ...] | None = None
ENDING = ""
# -- end of what was measured --

_PART_TYPES = ("text", "image_url", "image", "input_text", "input_image", "input_audio", "video")
_SECONDS = 600
_MISSING: Any = object()


def messages(**columns: Any) -> list[dict[str, Any]]:
    """Return the messages for one row. Raises as `filled` does."""
    plain = WITHOUT_CONTEXT is not None and not text_of(columns.get("context")).strip()
    return filled(WITHOUT_CONTEXT or () if plain else TURNS, ENDING, columns)


def body(**columns: Any) -> dict[str, Any]:
    """Return the body of the chat completion for one row."""
    return {"model": MODEL, "messages": messages(**columns), **PARAMETERS}


def ask(
    columns: Mapping[str, Any], base_url: str = BASE_URL, key: str | None = None, model: str = MODEL
) -> str:
    """Send the request for one row to an OpenAI-compatible server; return the text of the reply.

    Redirections are not followed, because the key would be sent to another address.
    """
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    data = json.dumps({**body(**columns), "model": model}).encode()
    request = Request(f"{base_url.rstrip('/')}/chat/completions", data, headers)
    with build_opener(_NoRedirection).open(request, timeout=_SECONDS) as reply:
        return str(json.load(reply)["choices"][0]["message"]["content"])


def filled(turns: Sequence[Turn], ending: str, columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the messages of `turns` with the values of `columns`; `ending` is added to the last one.

    Raises `KeyError` without a column, and `ValueError` for a chat that cannot be sent.
    """
    found: list[dict[str, Any]] = []
    for turn in turns:
        chat = history_of(turn, columns)
        if chat is not None:
            found += chat
        elif content := _content([part for piece in turn.pieces for part in parts_of(piece, columns)]):
            found.append({"role": turn.role, "content": content})
    if turns and not found:
        found.append({"role": turns[-1].role, "content": ""})
    if ending:
        content = found[-1]["content"]
        found[-1]["content"] = content + ending if isinstance(content, str) else [*content, _text(ending)]
    return found


def text_of(value: Any) -> str:
    """Return the text of a value. A list of plain values has one line for each; others become JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)) and not any(isinstance(v, (Mapping, list, tuple)) for v in value):
        return "\n".join(map(text_of, value))
    return json.dumps(value, ensure_ascii=False)


def parts_of(piece: str | Column, columns: Mapping[str, Any]) -> list[Any]:
    """Return the texts and other parts that a piece stands for. Raises `KeyError` without its column."""
    if isinstance(piece, str):
        return [piece]
    value = _find(columns, piece.name)
    if value is _MISSING:
        raise KeyError(f"there is no column {piece.name!r}, which the request shows")
    if piece.form == "stripped":
        return [text_of(value).strip()]
    if piece.form == "lettered":
        return ["\n".join(f"{chr(65 + n)}. {text_of(one).strip()}" for n, one in enumerate(value))]
    return list(map(_part, _listed(value))) if _is_content(value) else [text_of(value)]


def history_of(turn: Turn, columns: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the messages of the chat history that a turn stands for; None if it stands for none.

    Raises `ValueError` if one of them cannot be sent.
    """
    if not turn.history or not isinstance(turn.pieces[0], Column):
        return None
    value = _find(columns, turn.pieces[0].name)
    if not isinstance(value, (list, tuple)) or not value:
        return None
    if not all(isinstance(one, Mapping) and "role" in one and "content" in one for one in value):
        return None
    return list(map(_message, value))


def _message(turn: Mapping[str, Any]) -> dict[str, Any]:
    """Return a turn of a chat history as it is sent: its text, or its parts."""
    role, content = turn["role"], turn["content"]
    if role not in ("system", "user", "assistant") or turn.get("tool_calls") or turn.get("function_call"):
        raise ValueError(f"a turn of a chat has the role {role!r} or calls a tool, and cannot be sent")
    if isinstance(content, str):
        return {"role": role, "content": content}
    parts = list(map(_part, _listed(content)))
    if not parts or (role != "user" and not all(isinstance(part, str) for part in parts)):
        raise ValueError(f"a turn of a chat, of the {role}, is empty or shows an image")
    return {"role": role, "content": [_text(part) if isinstance(part, str) else part for part in parts]}


def _find(columns: Mapping[str, Any], name: str) -> Any:
    """Return the value of a column; "answers.text" is the column `text` within `answers`."""
    if name in columns:
        return columns[name]
    found: Any = columns
    for part in name.split("."):
        found = _inside(found, part)
        if found is _MISSING:
            break
    return found


def _inside(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part, _MISSING)
    if not isinstance(value, (list, tuple)):
        return _MISSING
    if part.isdecimal() and len(part) < 10:
        return value[int(part)] if int(part) < len(value) else _MISSING
    if value and all(isinstance(item, Mapping) and part in item for item in value):
        return [item[part] for item in value]
    return _MISSING


def _is_content(value: Any) -> bool:
    """Return True for a part of a message, such as an image, and for a list with such parts."""
    return any(
        isinstance(part, Mapping)
        and (part["type"] in _PART_TYPES if isinstance(part.get("type"), str) else "image_url" in part)
        for part in _listed(value)
    )


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]


def _part(part: Any) -> Any:
    """Return a part of a message: a text, or an image as it is sent. Raises `ValueError` for any other."""
    match part:
        case str(text) | {"type": "text", "text": str(text)}:
            return text
        case {"image_url": str(url)}:
            return {"type": "image_url", "image_url": {"url": url}}
        case {"image_url": {"url": str(url)} as image}:
            detail = {} if image.get("detail") is None else {"detail": image["detail"]}
            return {"type": "image_url", "image_url": {"url": url, **detail}}
    raise ValueError("a part of a message is neither a text nor an image_url, and cannot be sent")


def _content(parts: Sequence[Any]) -> Any:
    """Return the content of a message without blanks around its texts: a text if it has no images."""
    if all(isinstance(part, str) for part in parts):
        return "".join(parts).strip()
    joined: list[Any] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    stripped = [part.strip() if isinstance(part, str) else part for part in joined]
    return [_text(part) if isinstance(part, str) else part for part in stripped if part]


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


class _NoRedirection(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow no redirection, so that it becomes an error."""


def main() -> None:
    """Answer the rows of standard input."""
    parser = argparse.ArgumentParser(description=f"Answer rows of JSON Lines with prompt {PROMPT}.")
    address = os.environ.get("OPENAI_BASE_URL") or BASE_URL
    parser.add_argument("--base-url", default=address, help="address of the server (default: %(default)s)")
    parser.add_argument("--model", default=MODEL, help="name of the model (default: %(default)s)")
    chosen = parser.parse_args()
    key = os.environ.get(KEY_VARIABLE)
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            reply = ask(json.loads(line), chosen.base_url, key, chosen.model)
        except (LookupError, OSError, TypeError, ValueError) as error:
            sys.exit(f"Row {number} has no reply: {error.args[0] if isinstance(error, KeyError) else error}")
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
