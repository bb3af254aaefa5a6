"""k-fold cross-validation: whole runs in one log, each of which holds out another part of the rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..agents.messages import Message
from ..prompts.loading.folds import Fold
from ..storage.errors import LogNotFound
from ..storage.opening import open_reader
from ..storage.place import Place
from .config.functions import with_functions
from .config.settings import Config
from .errors import ConfigError
from .projections.cross_validation import CrossValidation, cross_validation
from .projections.fold_runs import FoldRun, find_run
from .projections.history import read_history
from .runtime.assembly import models_for, opening
from .runtime.lifecycle import Watcher, resume, start
from .runtime.recorded_run import RunVerdict
from .trust.consent import Consent


@dataclass(frozen=True, slots=True)
class FoldPlan:
    """The run of one fold, before it is made."""

    config: Config
    opening: Sequence[Message]
    """Its opening messages, by which it is recognised in a log."""


def fold_configs(config: Config, folds: int) -> list[Config]:
    """Return the configuration of each fold. Raise `ConfigError` if `config` names a fold itself."""
    target = config.only_target
    if target.fold is not None:
        raise ConfigError(
            f'target.fold = "{target.fold}" holds out one fold. Leave it out to have each held out.'
        )
    names = [str(Fold(number, folds)) for number in range(1, folds + 1)]
    return [config.changed({"target": target.model_copy(update={"fold": name})}) for name in names]


async def plan(config: Config, folder: Path, folds: int) -> list[FoldPlan]:
    """Return the runs of all folds. All data are read and divided, so that no fault shows after a run.

    Raise `ConfigError` or `TaskError` if the rows cannot be divided.
    """
    configs = [with_functions(one.for_new_run(), folder) for one in fold_configs(config, folds)]
    async with models_for(configs[0]) as pool:
        return [FoldPlan(one, opening(one, folder, pool)) for one in configs]


def made(plan: FoldPlan, log: Place) -> FoldRun | None:
    """Return the run of a fold in the log, finished or cut off; None if there is none."""
    try:
        reader = open_reader(log)
    except LogNotFound:
        return None
    with reader:
        return find_run(reader, plan.opening)


async def carry_out(
    plan: FoldPlan,
    folder: Path,
    log: Place,
    watch: Watcher,
    say: Callable[[str], None],
    *,
    accept_unreadable: bool,
) -> tuple[str, RunVerdict]:
    """Make the run of a fold that has not finished, or continue it. Raise the errors of a run."""
    found = made(plan, log)
    if found is None:
        return await start(plan.config, folder, log, watch, accept_unreadable=accept_unreadable, say=say)
    return await resume(
        log,
        found.run,
        watch,
        accept_unreadable=accept_unreadable,
        say=say,
        consent=Consent(own=plan.config, say=say),
    )


def conclude(plans: Sequence[FoldPlan], log: Place) -> CrossValidation:
    """Return the pooled verdict of the finished runs of all folds. Raise `ConfigError` if one is missing."""
    with open_reader(log) as reader:
        runs = [find_run(reader, plan.opening) for plan in plans]
        return cross_validation([read_history(reader, run.run) for run in runs if run])
