"""Go on with a run under other terms: a higher budget, also after it has ended, or other settings."""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from ...agents.models.base import Model, ModelReply, ModelRequest
from ...agents.models.registry import ModelSettings
from ...agents.models.tariff import BILLIONTH
from ...storage.event import Event
from ...storage.opening import open_reader
from ...storage.place import Place
from ..budget.extension import end_of_budget, limits_of, raised_budget, with_changes
from ..budget.tracker import BudgetTracker
from ..calls.model_pool import ModelPool, PooledModel
from ..config.budget_settings import BudgetSettings
from ..config.settings import Config
from ..errors import ConfigError
from ..projections.run_status import ENDS, NOTES
from ..runtime.assembly import terms_for
from ..runtime.recorded_run import read_recorded
from ..trust.consent import NO_CONSENT, Consent
from .fork import fork


async def extend(
    log_path: Place, name: str, changes: str, *, consent: Consent = NO_CONSENT
) -> tuple[str, BudgetSettings]:
    """Raise the budget of a run; return the name of the run to resume, and its new limits.

    `changes` are as in "+50%" or "tokens=200000". If the budget has ended, the run to resume is a fork from
    just before that end, which reuses all that is paid for. Raises `ConfigError` if the changes are invalid,
    and `NotApproved` as `fork` does.
    """
    with open_reader(log_path) as reader:
        run = reader.resolve(name)
        config, _ = read_recorded(reader, run)
        limits = raised_budget(reader, run, config, changes)
        end = end_of_budget(reader, run)
    if end is not None:
        run = await _fork_before(log_path, run, config, end, limits, consent)
    return run, limits


async def change_settings(
    log_path: Place,
    name: str,
    overrides: Mapping[str, Any],
    budget: str | None = None,
    *,
    consent: Consent = NO_CONSENT,
) -> str:
    """Start a run that has not finished over again with other settings; return the name to resume.

    The new run is a fork from just before the first call. It uses again those replies that the settings do
    not change, and what the run has cost counts towards its budget. `budget` changes the limits as in
    `extend`. Raises `ConfigError` if the run has finished, or if a setting is invalid.
    """
    with open_reader(log_path) as reader:
        run = reader.resolve(name)
        config, _ = read_recorded(reader, run)
        if next(reader.read(run, kinds=ENDS), None) is not None:
            raise ConfigError(
                f"--set: run {run} has finished. `tp fork {run} --at SEQ --set ...` starts another from it."
            )
        limits = limits_of(reader, run, config)
        if budget is not None:
            limits = with_changes(limits, budget)
        loaded = [event.seq for event in reader.read(run, kinds=("task.loaded",))]
    settings = {**_as_settings(limits), **overrides}
    return await _fork_at(log_path, run, config, max(loaded, default=0), settings, consent)


def _as_settings(budget: BudgetSettings) -> dict[str, Any]:
    return {f"budget.{name}": most for name, most in budget.limits.items()}


async def _fork_before(
    log_path: Place, run: str, config: Config, end: Event, budget: BudgetSettings, consent: Consent
) -> str:
    """Fork `run` just before the `end` of its budget; return the name of the fork."""
    with open_reader(log_path) as reader:
        before = [event.seq for event in reader.read(run) if event.seq < end.seq and event.kind not in NOTES]
    return await _fork_at(log_path, run, config, before[-1], _as_settings(budget), consent)


async def _fork_at(
    log_path: Place, run: str, config: Config, at: int, overrides: Mapping[str, Any], consent: Consent
) -> str:
    """Fork `run` at the seq `at`. The costs of the run after that point count towards the new budget."""
    with open_reader(log_path) as reader:
        events = list(reader.read(run))
    total = _costs(events, config)
    total.charge_open()
    shared = _costs([event for event in events if event.seq <= at], config)
    later = total.ledger.spent - shared.ledger.spent
    # Copying the shared events takes no time, so all of the run's seconds are carried over.
    carried = {
        "tokens": later.tokens,
        "units": ceil(later.units / BILLIONTH),
        "calls": later.calls,
        "seconds": round(total.elapsed(), 3),
    }
    return await fork(log_path, run, at, overrides, carried=carried, consent=consent)


def _costs(events: Iterable[Event], config: Config) -> BudgetTracker:
    """Return the budget account of a run after these events."""
    tracker = BudgetTracker(terms_for(config), _price_list(config), lambda _message: None)
    tracker.apply_all(events)
    return tracker


def _price_list(config: Config) -> ModelPool:
    """Return a pool that has prices only. Without slots, no call counts as interrupted."""
    models: dict[str, ModelSettings | None] = dict(config.models)
    return ModelPool(
        {role: PooledModel(_NoModel(), 0, settings.price) for role, settings in models.items() if settings}
    )


class _NoModel(Model):
    """A stand-in for a model that is never asked."""

    identity = ""
    scores_options = rates_options = False

    async def reply(self, request: ModelRequest) -> ModelReply:
        raise NotImplementedError

    async def close(self) -> None:
        pass
