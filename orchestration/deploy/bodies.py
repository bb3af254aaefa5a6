"""Requests as bodies of chat completions, and rows as the examples that they ask about."""

from collections.abc import Mapping
from typing import Any

from ...agents.models.base import ModelRequest
from ...agents.models.openai.requests import chat_payload
from ...agents.models.registry import ModelSettings
from ...prompts.message_templates import value_text
from ...prompts.task import Example, Task
from .template import own_request

_GIVEN_TO_ALL = "model", "messages"


def body_of(request: ModelRequest, model: ModelSettings | None) -> dict[str, Any]:
    """Return the body of the chat completion that asks `request` of a model, as it is sent first.

    A server may refuse a part of it, which is then left out. A request for the likelihoods of options has no
    such body: the one for a generated answer to the same messages is returned.
    """
    if request.options is not None and request.lead is None:
        request = request.model_copy(update={"options": None})
    if model is None:
        return {key: value for key, value in chat_payload("", request).items() if key != "model"}
    if isinstance(model.temperature, float | int):
        request = request.model_copy(update={"temperature": float(model.temperature)})
    refused = {"temperature"} if model.temperature == "unset" else set()
    return chat_payload(model.model or model.provider, request, refused, model.params)


def likelihood_note(request: ModelRequest) -> str:
    """Return what the body of `request` cannot say, as a sentence; "" for a request that generates."""
    if request.options is None or request.lead is not None:
        return ""
    return (
        f"No answer is generated: the likelihoods of the options {', '.join(request.options)} are compared. "
        "A chat completion gives none, so this body is for a generated answer to the same messages."
    )


def parameters_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a body, which are the same for every row."""
    return {key: value for key, value in body.items() if key not in _GIVEN_TO_ALL}


def example_of(task: Task, columns: Mapping[str, Any]) -> Example:
    """Return the example that a row with these columns is. Raises `KeyError` for a row without a question."""
    choices = columns.get("choices")
    listed = tuple(value_text(one).strip() for one in choices) if isinstance(choices, list | tuple) else None
    lettered = listed if task.answer.type == "letter" else None
    if own_request(task):
        shown = {key: value for key, value in columns.items() if key != "choices" or not lettered}
        return Example(id="", question="", answer="", choices=lettered, columns=shown)
    question = value_text(columns["question"]).strip()
    context = value_text(columns.get("context")).strip() or None
    return Example(id="", question=question, answer="", context=context, choices=lettered)
