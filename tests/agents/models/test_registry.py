"""Settings of models, and the models built from them."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import unused_port
from autogen_ext.models.replay import ReplayChatCompletionClient
from openai_serving import serving
from pydantic import ValidationError

from transfer_prompting.agents.models.registry import ModelSettings, build_model

SERVED: dict[str, Any] = {"provider": "openai", "model": "m", "base_url": "http://h/v1"}


def make_client() -> ReplayChatCompletionClient:
    """Return a client, as a user's factory does."""
    return ReplayChatCompletionClient(["hello"])


def make_number() -> int:
    """Return a number, which is not a client."""
    return 5


def test_importing_models_loads_nothing_heavy() -> None:
    """The protocol, the registry and all models import no torch, transformers, aiohttp or AutoGen."""
    names = (
        "base",
        "registry",
        "scripted",
        "openai.model",
        "autogen.model",
        "local.model",
        "local.smollm2",
        "vllm.model",
    )
    code = f"""
import importlib, sys
for name in {names}:
    importlib.import_module("transfer_prompting.agents.models." + name)
heavy = {{"torch", "transformers", "aiohttp", "autogen_core", "autogen_ext"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"provider": "openai"}, "needs model and base_url"),
        ({"provider": "openai", "model": "m"}, "needs base_url"),
        ({"provider": "openai", "model": "m", "base_url": []}, "needs base_url"),
        ({"provider": "openai", "model": "m", "base_url": "http://u:pw@h/v1"}, "api_key_env"),
        ({"provider": "openai", "model": "m", "base_url": ["http://h/v1?api-key=1"]}, "api_key_env"),
        ({"provider": "openai", "model": "m", "base_url": "http://h", "server": "tgi"}, "llama.cpp"),
        ({"provider": "smollm2", "api_key_env": "not a name"}, "the name of an environment variable"),
        ({"provider": "smollm2", "api_key_env": "sk-abc"}, "the name of an environment variable"),
        ({"provider": "smollm2", "api_key_env": "gsk_4fZq81Lm20xP"}, "the name of an environment variable"),
        (
            {"provider": "smollm2", "api_key_env": "AKIA4FZQ81LM20XPABCD"},
            "the name of an environment variable",
        ),
        (
            {"provider": "smollm2", "api_key_env": "a94a8fe5ccb19ba61c4c0873"},
            "the name of an environment var",
        ),
        ({"provider": "transformers"}, "needs model"),
        ({"provider": "vllm"}, "needs model"),
        ({"provider": "autogen"}, "needs model"),
        ({"provider": "autogen", "model": "package.module"}, "package.module:callable"),
        ({"provider": "autogen", "model": ":callable"}, "package.module:callable"),
        ({"provider": "smollm2", "model": "other"}, "leave `model` out"),
        ({"provider": "oracle"}, "smollm2"),
        ({"provider": "smollm2", "api_key": "sk-1"}, "Extra inputs"),
        ({"provider": "smollm2", "timeout": 0}, "greater than 0"),
        ({"provider": "smollm2", "params": {"a": 1}}, "for provider 'openai' only"),
        ({"provider": "vllm", "model": "m", "temperature": 1.0}, "for provider 'openai' only"),
        ({**SERVED, "params": {"model": "x"}}, "params.model belongs to the request: set `model`"),
        ({**SERVED, "params": {"messages": []}}, "params.messages belongs to the request"),
        ({**SERVED, "params": {"stream": True}}, "params.stream belongs to the request"),
        ({**SERVED, "params": {"n": 2}}, "params.n belongs to the request"),
        ({**SERVED, "params": {"max_completion_tokens": 9}}, "set max_tokens of the role's own settings"),
        ({**SERVED, "params": {"temperature": 1}}, "set `temperature`"),
        ({**SERVED, "params": {"when": date(2000, 1, 1)}}, "params.when is no JSON value"),
        ({**SERVED, "params": {"a": {"b": [float("nan")]}}}, "params.a is no JSON value"),
        ({**SERVED, "params": {"a": float("inf")}}, "params.a is no JSON value"),
        ({**SERVED, "params": {"a": 2**64}}, "params.a is no JSON value"),
        ({**SERVED, "params": {"a": (1,)}}, "params.a is no JSON value"),
        ({**SERVED, "params": {"a": {1: 2}}}, "params.a is no JSON value"),
        ({**SERVED, "params": {"a": "\ud800"}}, "params.a is no JSON value"),
        ({**SERVED, "params": [1]}, "params must be a table"),
        ({**SERVED, "temperature": "hot"}, "unset"),
        ({**SERVED, "temperature": -1}, "greater than or equal to 0"),
        ({**SERVED, "temperature": float("nan")}, "finite"),
        ({"provider": "smollm2", "batch_size": 0}, "greater than or equal to 1"),
    ],
)
def test_wrong_settings_are_explained(settings: dict[str, Any], complaint: str) -> None:
    """Incomplete or contradictory settings name what is missing."""
    with pytest.raises(ValidationError, match=complaint):
        ModelSettings(**settings)


def test_settings_are_frozen() -> None:
    """Settings cannot change after their validation."""
    with pytest.raises(ValidationError, match="frozen"):
        ModelSettings(provider="smollm2").model = "x"


async def test_openai_model_is_built_with_the_key_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The key is read from the named variable and appears nowhere."""
    monkeypatch.setenv("MY_KEY", "sk-hidden")
    model = build_model(
        ModelSettings(provider="openai", model="m", base_url="http://127.0.0.1:1/v1", api_key_env="MY_KEY")
    )
    assert model.identity == "openai:http://127.0.0.1:1/v1:m"
    assert "sk-hidden" not in repr(model)
    await model.close()


async def test_openai_settings_reach_the_server(monkeypatch: pytest.MonkeyPatch, ask: Any) -> None:
    """The settings decide the key, the model, and the second server if the first one is unreachable."""
    monkeypatch.setenv("MY_KEY", "sk-hidden")
    async with serving() as endpoint:
        settings = ModelSettings(
            provider="openai",
            model="m",
            base_url=(f"http://127.0.0.1:{unused_port()}/v1", endpoint.url),
            api_key_env="MY_KEY",
        )
        model = build_model(settings)
        await model.reply(ask())
        await model.close()
    body, headers = endpoint.requests[0]
    assert body["model"] == "m"
    assert headers["Authorization"] == "Bearer sk-hidden"


@pytest.mark.parametrize("own", [{"params": {"effort": "low", "list": [{}]}}, {"temperature": "unset"}])
def test_settings_of_requests_are_compared_and_stored(own: dict[str, Any]) -> None:
    """Settings with params or a temperature are equal or different, enter the identity, and are stored."""
    plain, one, same = (ModelSettings(**SERVED, **more) for more in ({}, own, own))
    assert (one == same, hash(one) == hash(same), one == plain) == (True, True, False)
    assert build_model(one).identity != build_model(plain).identity
    assert ModelSettings(**one.model_dump(mode="json")) == one


def test_settings_without_them_are_stored_as_ever() -> None:
    """A log of a run without params and temperature does not mention them."""
    assert not {"params", "temperature"} & set(ModelSettings(**SERVED).model_dump(mode="json"))


@pytest.mark.parametrize(("server", "scores"), [("openai", False), ("vllm", True), ("llama.cpp", True)])
def test_kind_of_server_decides_whether_options_are_scored(server: Any, scores: bool) -> None:
    """OpenAI's protocol has no likelihoods of given answers, but two kinds of server extend it."""
    url = "http://127.0.0.1:1/v1"
    assert (
        build_model(ModelSettings(provider="openai", model="m", base_url=url, server=server)).scores_options
        is scores
    )


async def test_autogen_model_is_built_by_its_factory(ask: Any) -> None:
    """The named factory is called, and its client answers."""
    model = build_model(ModelSettings(provider="autogen", model=f"{__name__}:make_client"))
    assert (await model.reply(ask())).text == "hello"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("no_such_package:make", "No module named"),
        (f"{__name__}:absent", "absent"),
        (f"{__name__}:make_number", "returned int"),
    ],
)
def test_wrong_factory_is_explained(name: str, complaint: str) -> None:
    """The error names a factory that cannot be found or does not return a client."""
    with pytest.raises(ValueError, match=complaint):
        build_model(ModelSettings(provider="autogen", model=name))


def test_local_model_is_built_without_loading_it(tmp_path: Path) -> None:
    """A transformers model knows its identity before it reads any weights."""
    (tmp_path / "config.json").write_text("{}")
    model = build_model(ModelSettings(provider="transformers", model=str(tmp_path), dtype="bfloat16"))
    assert model.identity.startswith(f"transformers:{tmp_path.name}@")
    assert model.identity.endswith(":bfloat16")
