"""Models in actors on a real Ray cluster, and the settings of them."""

import asyncio
import importlib.util
import json
import sys
from typing import Any

import pytest
from child_processes import SUPPORT, child_environment
from pydantic import ValidationError

from transfer_prompting.agents.models.base import Model, ModelError
from transfer_prompting.agents.models.local.sources import ModelNotInstalled
from transfer_prompting.agents.models.ray.connection import CONNECTION, Connection
from transfer_prompting.agents.models.registry import ModelSettings, build_model

SMALL: dict[str, Any] = {"provider": "ray", "engine": "smollm2"}


@pytest.mark.model
@pytest.mark.xdist_group("model")
async def test_on_two_nodes() -> None:
    """The death of an actor and of a node loses no call, and an actor answers as this process does."""
    pytest.importorskip("ray")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, SUPPORT / "ray_models.py"),
        env=child_environment(RAY_USAGE_STATS_ENABLED="0", RAY_AUTH_MODE="disabled"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()[-3000:]
    told = json.loads(out.decode().splitlines()[-1])
    assert told["answers"] == [str(number) for number in range(40)]
    assert told["processes"] == 3, "two that were lost, and one that took the place of the first"
    assert told["answered after the node"] > 0
    assert told["there is"] == told["here is"]
    here, there = told["here"], told["there"]
    assert [reply["text"] for reply in there] == [reply["text"] for reply in here]
    assert there[1]["option_logprobs"] == pytest.approx(here[1]["option_logprobs"], abs=1e-3)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"provider": "ray"}, "needs engine"),
        ({"provider": "ray", "engine": "openai"}, "'smollm2', 'transformers' or 'vllm'"),
        ({"provider": "ray", "engine": "transformers"}, "needs model"),
        ({**SMALL, "model": "other"}, "leave `model` out"),
        ({**SMALL, "actors": 0}, "greater than or equal to 1"),
        ({**SMALL, "gpus": -1}, "greater than or equal to 0"),
        ({**SMALL, "gpus": 1.5}, "a part of one GPU, such as 0.5, or a whole number"),
        ({**SMALL, "device": "cuda:1"}, "leave `device` out, and set `gpus`"),
        ({**SMALL, "structured": True}, "leave `structured` out"),
        ({"provider": "ray", "engine": "vllm", "model": "m"}, "engine 'vllm' needs `gpus`"),
        ({"provider": "smollm2", "actors": 2}, "for provider 'ray' only"),
        ({"provider": "transformers", "model": "m", "address": "auto"}, "for provider 'ray' only"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], complaint: str) -> None:
    """Settings that do not go together are refused with what to do."""
    with pytest.raises(ValidationError, match=complaint):
        ModelSettings(**settings)


def test_slots() -> None:
    """There are as many slots as all actors have; other models are written into the log as before."""
    settings = ModelSettings(**SMALL, actors=3, batch_size=8)
    assert (settings.slots, settings.kind) == (24, "local")
    assert "actors" not in ModelSettings(provider="smollm2").model_dump()


@pytest.mark.model
@pytest.mark.parametrize("changed", [{"actors": 7}, {"cpus": 2.0}, {"address": "10.0.0.1:6379"}])
def test_the_identity_is_that_of_the_model(changed: dict[str, Any]) -> None:
    """Neither the number of actors nor their place makes another model, so replies can be reused."""
    pytest.importorskip("ray")
    here = build_model(ModelSettings(provider="smollm2", device="cpu"))
    there = build_model(ModelSettings(**SMALL, **changed))
    assert isinstance(there, Model)
    assert there.identity == here.identity
    assert (there.scores_options, there.rates_options) == (here.scores_options, here.rates_options)


def test_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Ray, the error is the command that installs it."""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "ray" else real(name, *rest)
    )
    with pytest.raises(ModelNotInstalled, match=r"pip install 'transfer-prompting\[ray\]'"):
        build_model(ModelSettings(**SMALL))


class FakeRay:
    """Counts the connections that are made to Ray, and those that are closed."""

    def __init__(self) -> None:
        self.opened: list[object] = []
        self.open = False

    def is_initialized(self) -> bool:
        return self.open

    def init(self, *, address: str | None, **_: object) -> None:
        assert not self.open
        self.opened.append(address)
        self.open = True

    def shutdown(self) -> None:
        self.open = False


def test_models_share_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first model connects, the last one leaves, and another cluster meanwhile is refused."""
    fake, connection = FakeRay(), Connection()
    monkeypatch.setitem(sys.modules, "ray", fake)
    connection.open(None)
    connection.open(None)
    with pytest.raises(ModelError, match="one cluster at a time"):
        connection.open("auto")
    connection.leave()
    assert fake.open
    connection.leave()
    assert (fake.open, fake.opened) == (False, [None])


def test_a_connection_of_others_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a worker of Ray, or beside a user's own program, the connection is used and not closed."""
    fake, connection = FakeRay(), Connection()
    monkeypatch.setitem(sys.modules, "ray", fake)
    fake.open = True
    connection.open("10.0.0.1:6379")
    connection.leave()
    assert (fake.open, fake.opened) == (True, [])


def test_no_cluster() -> None:
    """An address at which nothing answers is an error at once, and costs nothing."""
    pytest.importorskip("ray")
    with pytest.raises(ModelError, match=r"address = '127.0.0.1:9'\): nothing answers there") as raised:
        CONNECTION.open("127.0.0.1:9")
    assert raised.value.sent is False
