"""The models of a run, with the slots, the price and the timeout of each role."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self, TypeVar

from ...agents.models.base import Counting, Model
from ...agents.models.price import Price
from ...agents.models.probe import PROBE
from ...agents.models.tariff import Tariff

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PooledModel:
    """The model of one role, and the limits of its calls."""

    model: Model
    slots: int
    """Number of requests that may be under way at the same time."""
    price: Price | None = None
    timeout: float = 0.0
    """Seconds that a reply may take; 0 if unknown."""

    @property
    def tariff(self) -> Tariff:
        """The cost of requests to the model."""
        return Tariff(self.price, self.model)


class ModelPool(Mapping[str, PooledModel]):
    """A read-only mapping of roles to their models. Roles with the same model object share its slots.

    Used as an asynchronous context manager, it closes its models at the end.
    """

    def __init__(self, models: Mapping[str, PooledModel]) -> None:
        self._models = MappingProxyType(dict(models))

    @classmethod
    def of(cls, models: Mapping[str, Model], *, slots: int = 16, price: Price | None = None) -> Self:
        """Return a pool in which every role has the same number of slots and the same price."""
        return cls({role: PooledModel(model, slots, price) for role, model in models.items()})

    def __getitem__(self, role: str) -> PooledModel:
        return self._models[role]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    @property
    def identities(self) -> dict[str, str]:
        """The identity of each role's model."""
        return {role: pooled.model.identity for role, pooled in self.items()}

    @property
    def tariffs(self) -> dict[str, Tariff]:
        """The tariff of each role's model."""
        return {role: pooled.tariff for role, pooled in self.items()}

    def slots(self, role: str) -> int:
        """Return the number of slots that `role` shares with the other roles of its model."""
        model = self[role].model
        return max(pooled.slots for pooled in self.values() if pooled.model is model)

    def per_model(self, make: Callable[[str], T]) -> dict[str, T]:
        """Return what `make` returns for one role of each model, under all roles of that model."""
        role_of = {id(pooled.model): role for role, pooled in self.items()}
        made = {model: make(role) for model, role in role_of.items()}
        return {role: made[id(pooled.model)] for role, pooled in self.items()}

    async def load_tokenizers(self) -> None:
        """Let each model that counts tokens do so once, in another thread.

        The first count may load a tokenizer. That takes seconds, for which the event loop would stand still.
        """
        for model in self._distinct():
            if isinstance(model, Counting):
                await asyncio.to_thread(model.count, PROBE)

    async def close(self) -> None:
        """Close every model once."""
        for model in self._distinct():
            await model.close()

    def _distinct(self) -> list[Model]:
        return list({id(pooled.model): pooled.model for pooled in self.values()}.values())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
