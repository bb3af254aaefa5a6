"""The request that has a program run on one example, and its reply: both are JSON inside a model's call."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...prompts.candidate import Candidate
from ...prompts.named_texts import split_texts
from ...prompts.task import Example, Task
from ..messages.scores import TraceStep
from ..models.base import ChatMessage, ModelReply, ModelRequest
from .failure import ProgramFailed

_LARGEST_OUTPUT = 1_000_000
"""Bytes of an output as JSON: every output stays in the log."""


@dataclass(frozen=True, slots=True)
class Execution:
    """What a program is to be run on."""

    task: str
    example: str
    """Id of the example."""
    row: Mapping[str, Any]
    prompts: Mapping[str, str]
    max_tokens: int
    """Most tokens of a reply to the program's calls, unless it sets a limit itself."""


@dataclass(frozen=True, slots=True)
class Executed:
    """What a program has returned for one example."""

    output: Any
    """A text, or a JSON value."""
    trace: tuple[TraceStep, ...]
    calls: int
    prompt_tokens: int
    completion_tokens: int
    requests: Mapping[str, int] = field(default_factory=dict)
    """Digest of a request to a model -> its tokens, those of the reply included."""

    @property
    def text(self) -> str:
        """The output as text: a value other than a text as JSON."""
        return self.output if isinstance(self.output, str) else json.dumps(self.output, ensure_ascii=False)


def program_request(task: Task, candidate: Candidate, example: Example, max_tokens: int) -> ModelRequest:
    """Return the request that has the program of `task` run on an example with the texts of a candidate.

    It holds the inputs of the program and no other column, so no right answer.
    """
    assert task.program is not None
    asked = {
        "task": task.name,
        "example": example.id,
        "row": {name: _input(example, name) for name in task.program.inputs},
        "prompts": split_texts(candidate.text, task.texts),
    }
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
    return ModelRequest(messages=(ChatMessage(role="user", content=text),), max_tokens=max_tokens)


def read_request(request: ModelRequest) -> Execution:
    """Return what a request of `program_request` asks for."""
    asked = json.loads(request.messages[-1].text)
    return Execution(asked["task"], asked["example"], asked["row"], asked["prompts"], request.max_tokens)


def executed_reply(executed: Executed) -> ModelReply:
    """Return a result as the reply to its request, without tokens: those of the calls are charged already.

    Raises `ProgramFailed` for an output that no log can hold: None, NaN, a set, or a very long text.
    """
    _check_output(executed.output)
    steps: Sequence[dict[str, Any]] = [step.model_dump(mode="json") for step in executed.trace]
    written = {
        "output": executed.output,
        "trace": steps,
        "calls": executed.calls,
        "prompt_tokens": executed.prompt_tokens,
        "completion_tokens": executed.completion_tokens,
        "requests": dict(executed.requests),
    }
    text = json.dumps(written, ensure_ascii=False, sort_keys=True)
    return ModelReply(text=text, finish="stop", prompt_tokens=0, completion_tokens=0)


def read_executed(reply: ModelReply) -> Executed:
    """Return the result that a reply of `executed_reply` holds."""
    found = json.loads(reply.text)
    steps = tuple(TraceStep.model_validate(step) for step in found.pop("trace"))
    return Executed(trace=steps, **found)


def _check_output(output: Any) -> None:
    if output is None:
        raise ProgramFailed("it returned None: return a text or a JSON value")
    try:
        text = json.dumps(output, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise ProgramFailed(f"it returned neither a text nor a JSON value: {error}") from error
    if size > _LARGEST_OUTPUT:
        raise ProgramFailed(f"it returned {size:,} bytes, and may return {_LARGEST_OUTPUT:,}")


def _input(example: Example, name: str) -> Any:
    if name == "choices" and example.choices:
        return list(example.choices)
    return example.columns.get(name)
