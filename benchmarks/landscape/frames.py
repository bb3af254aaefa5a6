"""Requests as one text, replies with token counts, and the reply formats that other programs demand."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from .prompt import CASE

_FIELD = re.compile(r"`\[\[ ## (\w+) ## \]\]`")
_NAME = re.compile(r"`(\w+)`")
_JSON = re.compile(r"Respond with a JSON object in the following order of fields: (.+)")
_CHAT = re.compile(r"starting with the field(.*?)and then ending with", re.DOTALL | re.IGNORECASE)
_PREAMBLE = re.compile(r"Your input fields are:.*?your objective is:\s*", re.DOTALL)


def conversation(request: ModelRequest) -> str:
    """Return all messages of the request, in order."""
    return "\n\n".join(message.text for message in request.messages)


def count_tokens(text: str) -> int:
    """Return the number of tokens, at four characters each, rounded up."""
    return -(-len(text) // 4)


def reply_to(request: ModelRequest, text: str) -> ModelReply:
    """Return a reply cut off at the request's limit, counted and cut as a server would do it."""
    cut = text[: 4 * request.max_tokens]
    return ModelReply(
        text=cut,
        finish="stop" if cut == text else "length",
        prompt_tokens=sum(count_tokens(message.text) for message in request.messages),
        completion_tokens=count_tokens(cut),
    )


@dataclass(frozen=True, slots=True)
class Fields:
    """The output fields that DSPy demands, in order, in its chat format or as a JSON object."""

    names: tuple[str, ...]
    as_json: bool

    def filled(self, value: Callable[[str], str]) -> str:
        """Return a reply in which each field holds `value(name)`."""
        values = {name: value(name) for name in self.names}
        if self.as_json:
            return json.dumps(values)
        said = [f"[[ ## {name} ## ]]\n{text}" for name, text in values.items()]
        return "\n\n".join([*said, "[[ ## completed ## ]]"])


def demanded_fields(text: str) -> Fields | None:
    """Return the fields that DSPy demands at the end of `text`, or None for the text of another program."""
    if demands := _JSON.findall(text):
        return Fields(tuple(_NAME.findall(demands[-1])), as_json=True)
    if demands := _CHAT.findall(text):
        return Fields(tuple(_FIELD.findall(demands[-1])), as_json=False)
    return None


def prompt_and_example(request: ModelRequest) -> tuple[str, str] | None:
    """Return the prompt under evaluation and the number of the example asked, or None without an example.

    The prompt is the text before the last example, without DSPy's explanation of its own format.
    """
    text = _PREAMBLE.sub("", conversation(request))
    found = list(CASE.finditer(text))
    return (text[: found[-1].start()], found[-1][1]) if found else None
