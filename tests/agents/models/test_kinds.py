"""Kinds of models by their settings: where they run, whether they think, and whether they take a schema."""

from typing import Any

import pytest
from pydantic import ValidationError

from transfer_prompting.agents.models.kinds import thinks
from transfer_prompting.agents.models.registry import ModelSettings


def settings(provider: Any = "openai", model: str = "m", **fields: Any) -> ModelSettings:
    """Return valid settings of a model."""
    needed: dict[str, Any] = {"base_url": "http://127.0.0.1:9/v1"} if provider == "openai" else {}
    name: dict[str, Any] = {} if provider in ("smollm2", "human") else {"model": model}
    return ModelSettings(provider=provider, **name, **needed, **fields)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("o3-mini", True),
        ("openai/o1", True),
        ("gpt-5-mini", True),
        ("openai/gpt-oss-120b", True),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", True),
        ("deepseek-reasoner", True),
        ("Qwen/QwQ-32B", True),
        ("Qwen/Qwen3-8B", True),
        ("qwen3:4b", True),
        ("Qwen3-30B-A3B-Thinking-2507", True),
        ("microsoft/Phi-4-reasoning", True),
        ("magistral-small-latest", True),
        ("Qwen3-4B-Instruct-2507", False),
        ("Qwen3-Coder-30B-A3B", False),
        ("gpt-5-chat-latest", False),
        ("gpt-4o-mini", False),
        ("gpt-4.1", False),
        ("meta-llama/Llama-3.1-8B-Instruct", False),
        ("grok-4-fast-non-reasoning", False),
        ("models/turbo1", False),
        ("", False),
    ],
)
def test_names_tell_who_thinks(model: str, expected: bool) -> None:
    """Well-known families that think are recognised, and their variants that do not are, too."""
    assert thinks(model, {}) is expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"reasoning_effort": "high"}, True),
        ({"reasoning_effort": "none"}, False),
        ({"chat_template_kwargs": {"enable_thinking": False}}, False),
        ({"chat_template_kwargs": {"enable_thinking": True}}, True),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, True),
        ({"thinking": {"type": "disabled"}}, False),
        ({"reasoning": {"effort": "none"}}, False),
        ({"reasoning": {"max_tokens": 2000}}, True),
        ({"chat_template_kwargs": "odd", "top_p": 0.9}, None),
    ],
)
def test_parameters_say_more_than_names(params: dict[str, Any], expected: bool | None) -> None:
    """A switch in the requests' parameters decides, whatever the name suggests."""
    for model, named in (("qwen3-8b", True), ("llama", False)):
        assert thinks(model, params) is (named if expected is None else expected)


def test_kind_of_a_model() -> None:
    """The kind follows from the provider, unless the model thinks; the setting outranks the guess."""
    kinds = {provider: settings(provider).kind for provider in ("smollm2", "transformers", "vllm", "openai")}
    assert kinds == {"smollm2": "local", "transformers": "local", "vllm": "endpoint", "openai": "endpoint"}
    assert settings(model="o3").kind == "thinking"
    assert settings(model="o3", thinks=False).kind == "endpoint"
    assert settings("transformers", thinks=True).kind == "thinking"


def test_who_takes_a_schema() -> None:
    """Servers and vLLM take schemas unless they are told not to, and no other provider can be told to."""
    assert settings().takes_schema
    assert settings("vllm").takes_schema
    assert not settings(structured=False).takes_schema
    assert not settings("smollm2").takes_schema
    assert not settings("human").takes_schema
    with pytest.raises(ValidationError, match="holds no reply to a schema: leave `structured` out"):
        settings("smollm2", structured=True)


def test_settings_that_are_not_set_are_not_recorded() -> None:
    """A log holds these settings only if they were changed, as in older logs."""
    assert not {"thinks", "structured", "image_tokens"} & settings().model_dump().keys()
    changed = settings(thinks=True, structured=False, image_tokens=9).model_dump()
    assert (changed["thinks"], changed["structured"], changed["image_tokens"]) == (True, False, 9)
