"""Write the catalogue of messages from their types and docstrings."""

import ast
import inspect
import re
from collections.abc import Iterator

from pydantic import BaseModel

from transfer_prompting.agents.messages import Message
from transfer_prompting.agents.messages.codec import KINDS
from transfer_prompting.agents.roles.base import Role
from transfer_prompting.agents.roles.wording_judge import WordingJudge
from transfer_prompting.orchestration.runtime.assembly import ROLES

_HEAD = """# Messages

All messages of a run, in about the order in which they occur. A message is immutable; the log stores it as
JSON with its kind and the version of its shape ([schema evolution](schema-evolution.md)). `tp show RUN SEQ`
prints one in full.
"""
_FOOT = """
## Parts of messages

Shapes that are part of messages.
"""


def messages_page() -> str:
    """Return the text of docs/messages.md."""
    parts = [_HEAD]
    shared: dict[str, type[BaseModel]] = {}
    for kind, message in KINDS.items():
        parts.append(_section(f"`{kind}`", message, _recipients(message)))
        shared |= {part.__name__: part for part in _parts(message)}
    parts.append(_FOOT)
    parts += [_section(name, shared[name], "") for name in sorted(shared)]
    return "\n".join(parts)


def _section(title: str, model: type[BaseModel], note: str) -> str:
    about = " ".join((inspect.getdoc(model) or "").split())
    lines = [f"## {title}" if note else f"### {title}", "", about, ""]
    if note:
        lines += [note, ""]
    notes = _notes(model)
    rows = [
        f"| `{name}` | `{_type(field.annotation)}` | {notes.get(name, '')} |"
        for name, field in model.model_fields.items()
        if name != "kind"
    ]
    if rows:
        lines += ["| field | type | |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _recipients(message: type[Message]) -> str:
    kind = message.model_fields["kind"].default
    roles: tuple[type[Role], ...] = (*ROLES, WordingJudge)
    names = [role.name for role in roles if any(s.topic_type == kind for s in role.subscriptions())]
    recipients = f"Received by {', '.join(names)}." if names else "No agent receives it."
    return f"{recipients} Schema {message.SCHEMA}."


def _notes(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstring of each field, of the class itself and of its bases."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__[:-1]):
        if cls is BaseModel or not issubclass(cls, BaseModel):
            continue
        [definition] = ast.parse(inspect.getsource(cls)).body
        assert isinstance(definition, ast.ClassDef)
        for field, text in zip(definition.body, definition.body[1:], strict=False):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                    value=ast.Constant(value=str(docstring))
                ):
                    found[name] = " ".join(docstring.split()).replace("|", "\\|")
    return found


def _parts(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield the models that the fields of `model` hold, directly or inside others."""
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            yield part
            yield from _parts(part)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models_in(inner)


def _type(annotation: object) -> str:
    """Return the type as one writes it, without the modules it comes from."""
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    if "[" in str(annotation):
        text = str(annotation)
    text = re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])", "", text)
    text = re.sub(r"Literal\[([^\]]*)\]", lambda m: m[1].replace(", ", " or "), text)
    return text.replace("NoneType", "None").replace("|", "\\|")
