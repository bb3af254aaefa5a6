"""The prompts of a configuration of promptfoo."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...prompts.loading.json_rows import parse_json
from ...prompts.message_templates import placeholders, unsupported
from ...prompts.task import INSTRUCTION
from ..errors import ConfigError
from .promptfoo_file import FILE, Files, read_yaml

_TEXT_FILES = (".txt", ".md", ".j2", ".prompt")
_CHAT_FILES = (".json", ".yaml", ".yml")
_TEXT = ""
"""Content of the turn that the text is."""
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


@dataclass(slots=True)
class Prompts:
    """What was taken over of the prompts, and what was not."""

    texts: list[str] = field(default_factory=list)
    """Texts that are to be optimised."""
    messages: list[dict[str, str]] = field(default_factory=list)
    """Turns around the text; [] if the text is the whole request."""
    left_out: list[str] = field(default_factory=list)

    @property
    def variables(self) -> set[str]:
        """Names of the variables that the prompts show."""
        contents = [*self.texts, *(turn["content"] for turn in self.messages if turn["content"] != _TEXT)]
        return {name for content in contents for name in placeholders(content)}

    @property
    def name(self) -> str:
        """Name of the text that is optimised, which no variable has."""
        return INSTRUCTION if INSTRUCTION not in self.variables else "prompt"

    @property
    def around(self) -> list[dict[str, str]]:
        """The turns, with a placeholder for the text."""
        return [
            turn | {"content": f"{{{{ {self.name} }}}}"} if turn["content"] == _TEXT else turn
            for turn in self.messages
        ]


def read_prompts(written: Any, files: Files) -> Prompts:
    """Return the prompts that can be taken over. Raise `ConfigError` if there are none."""
    found = Prompts()
    for number, one in enumerate(written if isinstance(written, list) else [written], 1):
        place = f"prompt {number}"
        try:
            for text in _texts(one, files):
                _take(found, place, text)
        except ConfigError as error:
            found.left_out.append(f"{place}: {error}")
    if not found.texts:
        reasons = " ".join(found.left_out) or "It names none."
        raise ConfigError(f"No prompt of the file can be taken over. {reasons}")
    return found


def _texts(written: Any, files: Files) -> Iterator[str]:
    if isinstance(written, Mapping):
        written = written.get("raw") or written.get("file") or written.get("id") or written.get("path")
    if not isinstance(written, str) or not written.strip():
        raise ConfigError("it is no text.")
    suffix = re.search(r"\.\w+$", written)
    named = written.startswith(FILE) or ("\n" not in written and len(written) < 200 and files.exists(written))
    if not named:
        yield written
    elif "*" in written:
        raise ConfigError(f"{written} stands for several files: name each of them.")
    elif suffix and suffix[0].lower() in _TEXT_FILES:
        yield from (
            part.strip()
            for part in re.split(r"^---\s*$", files.text(written), flags=re.MULTILINE)
            if part.strip()
        )
    elif suffix and suffix[0].lower() in _CHAT_FILES:
        yield files.text(written)
    else:
        raise ConfigError(f"{written} is a program, which is not run.")


def _take(found: Prompts, place: str, text: str) -> None:
    turns = _turns(place, text)
    if turns is None:
        _check(text)
        if found.messages:
            raise ConfigError("it is a text, and the first prompt a chat. Make a task of its own of it.")
        if found.texts and set(placeholders(text)) != set(placeholders(found.texts[0])):
            raise ConfigError(
                "it has other placeholders than the first prompt. Make a task of its own of it."
            )
        found.texts.append(text)
        return
    for turn in turns:
        _check(turn["content"])
    number = next((n for n, turn in enumerate(turns) if turn["role"] == "system"), 0)
    around = [*turns[:number], turns[number] | {"content": _TEXT}, *turns[number + 1 :]]
    if found.texts and around != found.messages:
        raise ConfigError("it is another chat than the first prompt. Make a task of its own of it.")
    found.messages = around
    found.texts.append(turns[number]["content"])


def _turns(place: str, text: str) -> list[dict[str, str]] | None:
    """Return the turns of a chat that is written as JSON or YAML; None if the text is none."""
    if not re.match(r"\s*(\[|-\s+role\s*:)", text):
        return None
    try:
        value = parse_json(text) if text.lstrip().startswith("[") else read_yaml(place, text)
    except (ValueError, ConfigError):
        return None
    if not isinstance(value, list) or not value or not all(isinstance(turn, Mapping) for turn in value):
        return None
    turns = []
    for turn in value:
        role, content = _ROLES.get(str(turn.get("role"))), turn.get("content")
        if role is None or not isinstance(content, str):
            raise ConfigError(f"a turn with the role {turn.get('role')!r} has no text.")
        turns.append({"role": role, "content": content})
    return turns


def _check(text: str) -> None:
    """Raise `ConfigError` if a text has what is no placeholder here."""
    if foreign := unsupported(text):
        raise ConfigError(f"{foreign} is no placeholder here: there are no filters and no statements.")
    if foreign := next((name for name in placeholders(text) if name.startswith("env.")), ""):
        raise ConfigError(f"{{{{ {foreign} }}}} is a variable of the environment. Write its value.")
