"""Encoding of requests, with a tokeniser that is simple enough to check by hand."""

from typing import Any

import pytest
from jinja2 import TemplateError

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.local.encoding import Encoder


class Letters:
    """A tokeniser of one token per letter, but one for `joined`. Its template refuses system messages."""

    def __init__(self, joined: str = "") -> None:
        self._joined = joined

    def apply_chat_template(self, messages: list[dict[str, str]], **_: Any) -> str:
        if any(message["role"] == "system" for message in messages):
            raise TemplateError("System role not supported")
        return "".join(message["content"] for message in messages) + ">"

    def __call__(self, texts: list[str], **_: Any) -> dict[str, list[list[int]]]:
        return {"input_ids": [self._ids(text) for text in texts]}

    def _ids(self, text: str) -> list[int]:
        if self._joined and self._joined in text:
            before, _, after = text.partition(self._joined)
            return [*map(ord, before), 1, *map(ord, after)]
        return [*map(ord, text)]


def test_options_continue_the_prompt(ask: Any) -> None:
    """The tokens of an option are those after the prompt's end."""
    encoded = Encoder(Letters(), 100).encode(ask("ab", options=("x", "yz")))
    assert encoded.prompt == [*map(ord, "ab>")]
    assert encoded.options == [[ord("x")], [ord("y"), ord("z")]]


def test_option_that_would_merge_with_the_prompt_is_encoded_alone(ask: Any) -> None:
    """If a token would span the prompt's end, the option's own tokens are used."""
    encoded = Encoder(Letters(joined=">x"), 100).encode(ask("ab", options=("xy",)))
    assert encoded.prompt == [*map(ord, "ab>")]
    assert encoded.options == [[ord("x"), ord("y")]]


def test_refusal_of_the_template_is_an_error(ask: Any) -> None:
    """A template that refuses system messages causes a bad request, whose message quotes the template."""
    with pytest.raises(ModelError, match="System role not supported") as caught:
        Encoder(Letters(), 100).encode(ask("q", system="s"))
    assert caught.value.cause == "bad_request"


@pytest.mark.parametrize(
    ("settings", "fits"),
    [
        ({"max_tokens": 7}, True),
        ({"max_tokens": 8}, False),
        ({"max_tokens": 99, "options": ("x" * 7,)}, True),
        ({"options": ("x", "x" * 8)}, False),
    ],
)
def test_prompt_and_answer_must_fit_the_context(ask: Any, settings: dict[str, Any], fits: bool) -> None:
    """In a context of ten, three prompt tokens leave seven for the answer or for the longest option."""
    if fits:
        Encoder(Letters(), 10).encode(ask("ab", **settings))
        return
    with pytest.raises(ModelError, match="exceed the model's 10"):
        Encoder(Letters(), 10).encode(ask("ab", **settings))
