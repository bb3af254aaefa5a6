"""The troubleshooting page quotes what the program says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from blocks import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
_PLACEHOLDER = re.compile(r"\.\.\.|\b(?:N|NAME|FILE|LINE)\b")


def _quotes() -> list[str]:
    """Return what the symptoms quote, without placeholders."""
    symptoms = re.findall(r"^\| (?!symptom)(.+?) \|", PAGE, re.MULTILINE)
    quoted = [quote for symptom in symptoms for quote in re.findall(r'"([^"]+)"', symptom)]
    parts = [part.strip(" :") for quote in quoted for part in _PLACEHOLDER.split(quote)]
    return [part for part in parts if len(part) > 3]


def _texts(source: Path) -> Iterator[str]:
    """Yield the strings of a module but for docstrings; of f-strings the fixed parts, with marks between."""
    nodes = list(ast.walk(ast.parse(source.read_text(encoding="utf-8"))))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_quoted_messages_exist() -> None:
    """Each message that a symptom quotes occurs in the program."""
    folders = ("storage", "prompts", "agents", "orchestration")
    texts = "\n".join(
        text for folder in folders for path in (ROOT / folder).rglob("*.py") for text in _texts(path)
    )
    quotes = _quotes()
    assert len(quotes) > 15
    assert [quote for quote in quotes if quote not in texts] == []
