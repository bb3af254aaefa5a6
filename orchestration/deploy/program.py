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

_SECONDS = 600
_MISSING: Any = object()


def messages(**columns: Any) -> list[dict[str, Any]]:
    """Return the messages for one row. Raises `KeyError` if it lacks a column that the request shows."""
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
    """Return the messages of `turns` with the values of `columns`; `ending` is added to the last one."""
    found: list[tuple[str, list[Any]]] = []
    for turn in turns:
        chat = history_of(turn, columns)
        if chat is not None:
            found += chat
        elif parts := _stripped(
            _joined([part for piece in turn.pieces for part in parts_of(piece, columns)])
        ):
            found.append((turn.role, parts))
    if ending and found:
        role, parts = found[-1]
        if parts and isinstance(parts[-1], str):
            parts = [*parts[:-1], parts[-1] + ending]
        else:
            parts = [*parts, ending.lstrip()]
        found[-1] = role, parts
    return [{"role": role, "content": _content(parts)} for role, parts in found]


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
    content = _content_parts(value)
    return [text_of(value)] if content is None else content


def _find(columns: Mapping[str, Any], name: str) -> Any:
    """Return the value of a column; "answers.text" is the column `text` within `answers`."""
    if name in columns:
        return columns[name]
    found: Any = columns
    for part in name.split("."):
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, (list, tuple)) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return _MISSING
    return found


def history_of(turn: Turn, columns: Mapping[str, Any]) -> list[tuple[str, list[Any]]] | None:
    """Return the turns of the chat history that a turn stands for; None if it stands for none."""
    if not turn.history or not isinstance(turn.pieces[0], Column):
        return None
    value = _find(columns, turn.pieces[0].name)
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(one, dict) and set(one) == {"role", "content"} for one in value):
        return None
    return [(one["role"], _content_parts(one["content"]) or [str(one["content"])]) for one in value]


def _content_parts(value: Any) -> list[Any] | None:
    """Return the texts and the other parts, such as images, of a list of content parts; None for others."""
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(part, dict) and part.get("type") in ("text", "image_url") for part in value):
        return None
    return [part["text"] if part["type"] == "text" else part for part in value]


def _joined(parts: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part:
            found.append(part)
    return found


def _stripped(parts: list[Any]) -> list[Any]:
    if parts and isinstance(parts[0], str):
        parts = [parts[0].lstrip(), *parts[1:]]
    if parts and isinstance(parts[-1], str):
        parts = [*parts[:-1], parts[-1].rstrip()]
    return [part for part in parts if part]


def _content(parts: Sequence[Any]) -> Any:
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]


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
    for line in sys.stdin:
        if line.strip():
            reply = ask(json.loads(line), chosen.base_url, key, chosen.model)
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
