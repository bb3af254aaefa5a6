"""Requests as one text, replies with their token counts, and the reply forms that other programs demand."""

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
    """All that the model is shown, in order."""
    return "\n\n".join(message.content for message in request.messages)


def count_tokens(text: str) -> int:
    """Tokens, at four characters each, rounded up."""
    return -(-len(text) // 4)


def reply_to(request: ModelRequest, text: str) -> ModelReply:
    """A reply cut off at the request's limit, as a server would count and cut it."""
    cut = text[: 4 * request.max_tokens]
    return ModelReply(
        text=cut,
        finish="stop" if cut == text else "length",
        prompt_tokens=sum(count_tokens(message.content) for message in request.messages),
        completion_tokens=count_tokens(cut),
    )


@dataclass(frozen=True, slots=True)
class Fields:
    """The output fields that DSPy demands, in order, in its chat format or as a JSON object."""

    names: tuple[str, ...]
    as_json: bool

    def filled(self, value: Callable[[str], str]) -> str:
        """A reply with `value` of each name."""
        values = {name: value(name) for name in self.names}
        if self.as_json:
            return json.dumps(values)
        said = [f"[[ ## {name} ## ]]\n{text}" for name, text in values.items()]
        return "\n\n".join([*said, "[[ ## completed ## ]]"])


def demanded_fields(text: str) -> Fields | None:
    """What DSPy demands at the end of `text`; None for any other program's text."""
    if demands := _JSON.findall(text):
        return Fields(tuple(_NAME.findall(demands[-1])), as_json=True)
    if demands := _CHAT.findall(text):
        return Fields(tuple(_FIELD.findall(demands[-1])), as_json=False)
    return None


def prompt_and_example(request: ModelRequest) -> tuple[str, str] | None:
    """The prompt under evaluation, and the number of the example that is asked; None where there is none.

    The prompt is what stands before the last example, without DSPy's explanation of its own format.
    """
    text = _PREAMBLE.sub("", conversation(request))
    found = list(CASE.finditer(text))
    return (text[: found[-1].start()], found[-1][1]) if found else None
