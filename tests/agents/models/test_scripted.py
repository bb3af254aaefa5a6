"""ScriptedModel: a plain function in place of a model."""

from typing import Any

import pytest

from transfer_prompting.agents.models.base import Model, ModelError, ModelReply
from transfer_prompting.agents.models.scripted import ScriptedModel


async def test_text_becomes_a_reply_with_counted_words(ask: Any) -> None:
    """A text becomes a finished reply whose words count as tokens."""
    model = ScriptedModel(lambda request: "two words")
    reply = await model.reply(ask("one two three"))
    assert reply == ModelReply(text="two words", finish="stop", prompt_tokens=3, completion_tokens=2)


async def test_whole_reply_passes_unchanged(ask: Any) -> None:
    """A reply of the function is returned unchanged."""
    made = ModelReply(text="x", finish="length", prompt_tokens=7, completion_tokens=9)
    assert await ScriptedModel(lambda request: made).reply(ask()) is made


@pytest.mark.parametrize("raises", [True, False])
async def test_error_is_raised_whether_returned_or_raised(ask: Any, raises: bool) -> None:
    """A ModelError fails the request, whether the function returns or raises it."""
    error = ModelError("rate_limit", "Too fast.", retryable=True)

    def answer(request: object) -> ModelError:
        if raises:
            raise error
        return error

    with pytest.raises(ModelError) as caught:
        await ScriptedModel(answer).reply(ask())
    assert caught.value is error


async def test_failed_calls_are_counted(ask: Any) -> None:
    """Every request counts, including one that fails."""
    model = ScriptedModel(lambda request: ModelError("timeout", "Late.") if request.seed else "fine")
    await model.reply(ask())
    with pytest.raises(ModelError):
        await model.reply(ask(seed=1))
    assert model.calls == 2


async def test_options_are_refused_if_not_scored(ask: Any) -> None:
    """A model that does not score options raises an error without calling its function."""
    model = ScriptedModel(lambda request: "x", scores_options=False)
    with pytest.raises(ModelError, match="does not score options") as caught:
        await model.reply(ask(options=("a", "b")))
    assert (caught.value.cause, model.calls) == ("not_supported", 0)


async def test_delay_depends_on_the_request(ask: Any) -> None:
    """The delay is computed from the request that it delays."""
    delayed = []

    def delay(request: Any) -> float:
        delayed.append(request)
        return 0.0

    request = ask()
    await ScriptedModel(lambda _: "x", delay=delay).reply(request)
    assert delayed == [request]


def test_scripted_model_is_a_model() -> None:
    """ScriptedModel satisfies the Model protocol and has the given identity."""
    model = ScriptedModel(lambda request: "x", identity="scripted:a")
    assert isinstance(model, Model)
    assert model.identity == "scripted:a"
