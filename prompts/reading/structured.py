"""Turn answers in JSON, between tags or in tables into lines such as "Answer: ..." and "Confidence: ..."."""

import json
import re
from collections.abc import Iterator
from typing import Any

_MOST_OBJECTS = 20
_DEPTH = 4
_KEY = re.compile(r"[\"'](?:final[_ ]?)?answer[\"']\s{0,9}:", re.IGNORECASE)
_OPEN_TAG = re.compile(
    r"<(?P<name>(?:final_?)?answer|confidence|output|response|solution)(?:\s[^<>\n]{0,100})?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s?/?>|\\n(?=\W{0,4}(?:answer|confidence)\b)", re.IGNORECASE)
"""Line breaks that are written out."""
_CLOSING_TAG = re.compile(r"</(?:(?:final_?)?answer|confidence|output|response|solution)>", re.IGNORECASE)
_WRAPPERS = ("output", "response", "solution")
_HAS_LABEL = re.compile(r"\b(?:answer|confidence)\b\W{0,9}[:=]", re.IGNORECASE)
_RULE = re.compile(r"[\s|:+=-]*-[\s|:+=-]*\Z")
_LABELS = {"answer": "Answer", "confidence": "Confidence"} | dict.fromkeys(
    ("final answer", "final_answer", "finalanswer"), "Final answer"
)
_COLUMNS = (
    *(
        "answer",
        "confidence",
        "final answer",
        "question",
        "explanation",
        "reasoning",
        "reason",
        "justification",
    ),
    *("no.", "#", "id", "nr", "text"),
)
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def with_lines(text: str) -> str:
    """Return `text` with a line for each answer and confidence that it holds in JSON, tags or a table."""
    return _tables(_tags(_objects(_BREAK.sub("\n", text))))


def objects(text: str, key: re.Pattern[str]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the JSON objects in `text` whose text holds `key`, each with its place: start, end, object."""
    at = 0
    for _ in range(_MOST_OBJECTS):
        found = key.search(text, at)
        start = text.rfind("{", at, found.start()) if found else -1
        if found is None:
            return
        value, end = _decoded(text, start) if start >= 0 else (None, found.end())
        if isinstance(value, dict):
            yield start, end, value
        at = max(end, found.end())


def _decoded(text: str, start: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start


def _objects(text: str) -> str:
    said: list[str] = []
    at = 0
    for start, end, value in objects(text, _KEY):
        lines = list(_lines(value, _DEPTH))
        if any(line.startswith(("Answer", "Final")) for line in lines):
            said += [text[at:start], "\n", "\n".join(lines), "\n"]
            at = end
    return "".join([*said, text[at:]])


def _lines(value: dict[str, Any], depth: int) -> Iterator[str]:
    for name, item in value.items():
        label = _LABELS.get(name.strip().casefold())
        if isinstance(item, list) and len(item) == 1:
            item = item[0]
        if isinstance(item, bool):
            item = str(item).lower()
        if label and isinstance(item, str):
            yield f"{label}: {item}"
        elif isinstance(item, dict) and depth:
            yield from _lines(item, depth - 1)


def _tags(text: str) -> str:
    said: list[str] = []
    unclosed: set[str] = set()
    at = 0
    while opening := _OPEN_TAG.search(text, at):
        name = opening["name"].casefold()
        said.append(text[at : opening.start()])
        at = opening.end()
        closing = None if name in unclosed else re.compile(f"</{name}>", re.IGNORECASE).search(text, at)
        body = text[at : closing.start()] if closing else ""
        if name in _WRAPPERS or _HAS_LABEL.search(body):
            said.append("\n")
            continue
        said.append(f"\n{_LABELS.get(name, 'Answer')}: {body.strip()}")
        if closing:
            at = closing.end()
            said.append("\n")
        else:
            unclosed.add(name)
    return _CLOSING_TAG.sub("\n", "".join([*said, text[at:]]))


def _tables(text: str) -> str:
    lines = text.split("\n")
    out: list[str] = []
    at = 0
    while at < len(lines):
        columns = _columns(lines[at])
        row = at + 1
        if columns and row < len(lines) and _RULE.match(lines[row]):
            row += 1
        cells = _cells(lines[row], columns[0]) if columns and row < len(lines) else []
        if columns and len(cells) == len(columns[1]):
            out += [
                f"{_LABELS[name]}: {cell}"
                for name, cell in zip(columns[1], cells, strict=True)
                if name in _LABELS
            ]
            at = row + 1
        else:
            out.append(lines[at])
            at += 1
    return "\n".join(out)


def _columns(line: str) -> tuple[str, list[str]] | None:
    """Return the separator and the names of the columns, if `line` is the head of a table with an answer."""
    if len(line) > 300 or "answer" not in line.casefold():
        return None
    for separator in "|\t;,":
        names = [name.strip(" *`\"'").casefold() for name in _cells(line, separator)]
        if len(names) > 1 and "answer" in names and all(name in _COLUMNS for name in names):
            return separator, names
    return None


def _cells(line: str, separator: str) -> list[str]:
    return [
        cell.strip() for cell in line.strip().strip(separator if separator == "|" else "").split(separator)
    ]
