"""The pool of a run's models: shared slots, tariffs, and models that are closed once."""

from dataclasses import FrozenInstanceError

import pytest

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool, PooledModel

REQUEST = ModelRequest(messages=(ChatMessage(role="user", content="Is it so?"),))


class Closing(ScriptedModel):
    """A model that counts how often it is closed."""

    closed = 0

    async def close(self) -> None:
        self.closed += 1


def model(identity: str = "scripted") -> Closing:
    """Return a model that answers every request with "yes"."""
    return Closing(lambda _request: "yes", identity)


def test_roles_of_one_model_share_its_slots() -> None:
    """Roles with the same model object have the most slots of any of them; other roles have their own."""
    shared, own = model(), model()
    pool = ModelPool({"a": PooledModel(shared, 2), "b": PooledModel(shared, 5), "c": PooledModel(own, 3)})
    assert [pool.slots(role) for role in pool] == [5, 5, 3]


def test_one_object_for_each_model() -> None:
    """`per_model` makes one object for each model and returns it under every role of the model."""
    pool = ModelPool.of({"a": (shared := model()), "b": shared, "c": model()})
    made = pool.per_model(lambda role: [role])
    assert set(made) == {"a", "b", "c"}
    assert made["a"] is made["b"]
    assert made["c"] == ["c"]


async def test_each_model_is_closed_once() -> None:
    """At the end of the context every model is closed, and a shared one only once."""
    shared, own = model(), model()
    async with ModelPool.of({"a": shared, "b": shared, "c": own}):
        assert (shared.closed, own.closed) == (0, 0)
    assert (shared.closed, own.closed) == (1, 1)


def test_identities_and_tariffs() -> None:
    """The pool gives the identity of each role's model, and its tariff with the role's price."""
    price = Price(input=1.0, output=2.0)
    pool = ModelPool({"a": PooledModel(model("one"), 1, price), "b": PooledModel(model("two"), 1)})
    assert pool.identities == {"a": "one", "b": "two"}
    costs = {role: tariff.most(REQUEST) for role, tariff in pool.tariffs.items()}
    assert costs["a"].tokens == costs["b"].tokens
    assert costs["a"].units > costs["b"].units == 0


def test_it_cannot_change() -> None:
    """Neither the pool nor its entries can be changed."""
    pool = ModelPool.of({"a": model()})
    with pytest.raises(TypeError):
        pool["b"] = pool["a"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        pool["a"].slots = 2  # type: ignore[misc]
