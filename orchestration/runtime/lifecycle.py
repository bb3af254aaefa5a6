"""The three ways through a log: start a run, resume it, re-enact it. All end in the same loop."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from ...agents.messages import Message, RunFinished, RunStarted
from ...agents.models.base import Model
from ...storage.errors import UnknownRun
from ...storage.event import Event
from ...storage.log import EventLog
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.redaction import PayloadRedacted, is_redacted
from ..budget.extension import end_of_budget, raised
from ..budget.tracker import check_affordable
from ..calls.prefix_cache import telling_hits
from ..calls.reply_cache import ancestors
from ..config.budget_settings import BudgetSettings
from ..config.settings import Config
from ..errors import OrchestrationError, ReplayDivergence, RoleChanged
from .assembly import host_for, models_for, new_run_name, opening, terms_for, versions
from .engine import HandlerError, RunEngine
from .live_run import LiveRun
from .recorded_run import recorded
from .role_loader import role_versions

Watcher = Callable[[Event], None]


def _keep_quiet(_text: str) -> None:
    """For programs that want no talk."""


async def start(
    config: Config, folder: Path, log_path: Place, watch: Watcher, *, say: Callable[[str], None] = _keep_quiet
) -> tuple[str, RunFinished]:
    """Run `config`, whose task files lie in `folder`; returns the run's name and its verdict.

    `watch` is called with every event once it is committed, `say` with what is not in the log. Raises
    `RunStopped` where the run fails.
    """
    models, slots = models_for(config)
    async with closing(models), telling_hits(models, say):
        messages = opening(config, folder, models)
        check_affordable(terms_for(config), messages, models, slots)
        run = new_run_name(config)
        return run, await _carry_on(config, log_path, run, (models, slots), watch, messages)


async def resume(
    log_path: Place,
    name: str,
    watch: Watcher,
    *,
    budget: str | None = None,
    say: Callable[[str], None] = _keep_quiet,
) -> tuple[str, RunFinished]:
    """Go on with a run that was killed or failed; nothing that has a result is asked again.

    `budget` changes its limits, as in "+50%" or "tokens=200000". A run whose budget has ended goes on as a
    fork from before that end, with all that is paid for: its name is then another.
    """
    with open_reader(log_path) as reader:
        run = reader.resolve(name)
        config, started = recorded(reader, run)
        limits = raised(reader, run, config, budget) if budget is not None else None
        end = end_of_budget(reader, run) if limits is not None else None
    if limits is not None and end is not None:
        from ..lineage.extend import prolong

        run = await prolong(log_path, run, end, limits)
        with open_reader(log_path) as reader:
            config, started = recorded(reader, run)
    models, slots = models_for(config)
    async with closing(models), telling_hits(models, say):
        _check_same_models(started, models)
        with blaming_changed_roles(config, started):
            return run, await _carry_on(config, log_path, run, (models, slots), watch, None, limits)


async def reenact(log_path: Place, name: str, watch: Watcher, *, to: int | None = None) -> int:
    """Run every handler again over the log, comparing each message byte for byte; makes no call.

    With `to` it stops behind the event with that seq. Returns the number of events. Raises
    `ReplayDivergence` at the first message that differs, `LogDamaged` where the log does not hold up to
    there, `PayloadRedacted` where a payload was blanked, and `UnknownRun` where the run begins behind `to`.
    """
    with open_reader(log_path) as reader:
        run = reader.resolve(name)
        config, started = recorded(reader, run)
        engine = RunEngine(await host_for(config.search_settings(), config.roles))
        count = 0
        for event in reader.verified(run):
            if to is not None and event.seq > to:
                break
            if is_redacted(event):
                raise PayloadRedacted(event)
            watch(event)
            count += 1
            # What a handler raises, the log says itself, in its next event.
            with suppress(HandlerError), blaming_changed_roles(config, started):
                await engine.hear(event)
        if not count:
            raise UnknownRun(f"Run {run} has no event up to seq {to}: it begins later. Give a later seq.")
    return count


async def _carry_on(
    config: Config,
    log_path: Place,
    run: str,
    models: tuple[dict[str, Model], dict[str, int]],
    watch: Watcher,
    messages: Sequence[Message] | None,
    budget: BudgetSettings | None = None,
) -> RunFinished:
    log = await EventLog.open(log_path)
    try:
        engine = RunEngine(await host_for(config.search_settings(), config.roles))
        others = _ancestors(log_path, run) if messages is None else ()
        live = LiveRun(log, run, engine, *models, watch, terms_for(config, others))
        if messages is None:
            return await live.resume({**versions(), **role_versions(config.roles)}, budget)
        return await live.begin(messages)
    finally:
        await log.close()


@contextmanager
def blaming_changed_roles(config: Config, started: RunStarted) -> Iterator[None]:
    """Where a log cannot be re-enacted, name the roles whose code is no longer that of the log."""
    try:
        yield
    except ReplayDivergence as error:
        now = role_versions(config.roles)
        changed = [
            f"{role} is {now[role]} and was {started.versions[role]}"
            for role in now
            if started.versions.get(role, now[role]) != now[role]
        ]
        if not changed:
            raise
        raise RoleChanged(error, changed) from error


def _ancestors(log_path: Place, run: str) -> tuple[str, ...]:
    with open_reader(log_path) as reader:
        return ancestors(reader, run)


@asynccontextmanager
async def closing(models: Mapping[str, Model]) -> AsyncIterator[None]:
    """Close the models behind the work, each once."""
    try:
        yield
    finally:
        for model in {id(model): model for model in models.values()}.values():
            await model.close()


def _check_same_models(started: RunStarted, models: dict[str, Model]) -> None:
    """Answers of two models must not be mixed in one run."""
    for role, model in models.items():
        was = started.models.get(role)
        if was != model.identity:
            raise OrchestrationError(
                f"The run was started with {was} as the {role}'s model; here that model is {model.identity}. "
                "Provide the same model, or start a new run."
            )
