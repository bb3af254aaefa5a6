"""Number of requests that each model takes at a time, from the configuration in the log."""

from collections.abc import Mapping
from typing import Any

_LOCAL = frozenset({"smollm2", "transformers"})


class ModelSlots:
    """Slots of each role's model. Roles with the same settings share one model and its slots.

    `models` maps roles to the settings of their models, as the configuration in the log holds them.
    """

    def __init__(self, models: Mapping[str, Mapping[str, Any]]) -> None:
        self._model_of = {role: repr(model) for role, model in models.items()}
        self._slots = {repr(model): _slots(model) for model in models.values()}

    @property
    def total(self) -> int:
        """Requests that all models together take at a time; 0 if the log does not tell."""
        return sum(self._slots.values())

    def of(self, role: str) -> int:
        """Return the slots of the role's model; 0 if the log does not tell."""
        return self._slots.get(self._model_of.get(role, ""), 0)

    def busy(self, open_calls: Mapping[str, int]) -> int:
        """Return how many slots are busy while so many calls of each role are open; the others wait."""
        by_model: dict[str, int] = {}
        for role, count in open_calls.items():
            model = self._model_of.get(role, role)
            by_model[model] = by_model.get(model, 0) + count
        return sum(min(count, self._slots.get(model) or count) for model, count in by_model.items())


def _slots(model: Mapping[str, Any]) -> int:
    provider = model.get("provider")
    if provider == "human" and not model.get("answers"):
        return 1  # A person at the terminal is asked one question at a time.
    runs = model.get("engine") if provider == "ray" else provider
    each = int(model.get("batch_size" if runs in _LOCAL else "concurrency") or 0)
    return each * int(model.get("actors") or 1)
