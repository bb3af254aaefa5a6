"""The lines that a command may write: questions to models, notes and its output."""

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ..models.base import ChatMessage, ModelReply, Tool
from .base import AskFailed
from .wire import from_json, quoted


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OfferedTool(_Line):
    """A tool, with the JSON Schema of its arguments as an object."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)

    def as_tool(self) -> Tool:
        """Return the tool of a request."""
        schema = json.dumps(self.parameters or {"type": "object", "properties": {}}, sort_keys=True)
        return Tool(name=self.name, description=self.description, parameters=schema)


class Question(_Line):
    """The arguments of a call of a model."""

    role: str = "scorer"
    messages: str | tuple[ChatMessage, ...] = Field(min_length=1)
    text: str | tuple[str, ...] | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float = Field(default=0.0, ge=0.0)
    stop: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None
    tools: tuple[OfferedTool, ...] = ()
    seed: int | None = None

    @property
    def schema_text(self) -> str | None:
        """The JSON Schema as requests hold it."""
        return None if self.json_schema is None else json.dumps(self.json_schema, sort_keys=True)


class AskLine(_Line):
    """A call of a model. Its reply has the same id."""

    ask: Question
    id: int | str


class NoteContent(_Line):
    """A step of the trace that is no model call."""

    what: str
    content: str
    text: tuple[str, ...] = ()
    """Names of the optimised texts that the step rests on."""


class NoteLine(_Line):
    """A note."""

    note: NoteContent


class OutputLine(_Line):
    """The last line."""

    output: Any


Line = AskLine | NoteLine | OutputLine
_KINDS: dict[Literal["ask", "note", "output"], TypeAdapter[Any]] = {
    "ask": TypeAdapter(AskLine),
    "note": TypeAdapter(NoteLine),
    "output": TypeAdapter(OutputLine),
}


def read_line(data: bytes) -> Line:
    """Return what a line says. Raise `ValueError`, which quotes it, if it is none of the three kinds."""
    try:
        found = from_json(data)
    except ValueError as error:
        raise ValueError(f"it wrote a line that is no JSON: {quoted(data)}; log to stderr instead") from error
    kinds = [kind for kind in _KINDS if isinstance(found, dict) and kind in found]
    if len(kinds) != 1:
        raise ValueError(f"it wrote a line without exactly one of ask, note and output: {quoted(data)}")
    try:
        line: Line = _KINDS[kinds[0]].validate_python(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"it wrote an invalid line: {place}: {first['msg']}: {quoted(data)}") from None
    return line


def reply_line(id: int | str, reply: ModelReply) -> dict[str, Any]:
    """Return the line that answers a question."""
    said = reply.model_dump(mode="json", include={"text", "finish", "prompt_tokens", "completion_tokens"})
    if reply.tool_calls:
        said["tool_calls"] = [call.model_dump() for call in reply.tool_calls]
    return {"id": id, "reply": said}


def failure_line(id: int | str, error: AskFailed) -> dict[str, Any]:
    """Return the line that says why a question has no reply."""
    return {"id": id, "error": {"cause": error.cause, "message": str(error)}}
