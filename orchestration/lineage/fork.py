"""Fork a run: copy its beginning, which is not paid again, and continue with other settings.

The copies and the notes in both runs are appended in one step. Before that the beginning is re-enacted with
the new settings, so that no fork is made that could not be replayed.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ...agents.messages import ForkMade, RunForked, RunStarted, TaskLoaded
from ...agents.messages.codec import decode, encode
from ...storage.event import Draft, Event
from ...storage.log import EventLog
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..config.overrides import apply
from ..config.settings import Config
from ..errors import ConfigError, ForkDivergence, ReplayDivergence
from ..projections.run_status import ENDS
from ..runtime.admission import check_approved, with_own
from ..runtime.assembly import check_answerable, check_names, host_for, models_for, new_run_name
from ..runtime.engine import HandlerError, RunEngine
from ..runtime.recorded_run import read_recorded
from ..trust.consent import NO_CONSENT, Consent
from ..trust.demands import all_demands
from ..trust.records import remember
from .copy_events import Copier
from .notes import note


@dataclass(frozen=True, slots=True)
class _Origin:
    run: str
    events: int
    prefix: list[Event]
    config: Config
    started: RunStarted


async def fork(
    log_path: Place,
    name: str,
    at: int,
    overrides: Mapping[str, Any],
    *,
    carried: dict[str, float] | None = None,
    consent: Consent = NO_CONSENT,
) -> str:
    """Make a new run from the events of the run `name` up to seq `at`; return its name, for `resume`.

    The costs in `carried` count towards the budget. If an error is raised, nothing is written.

    Raises:
        ForkDivergence: With `overrides` the agents would have published other messages up to `at`.
        PayloadRedacted: A payload up to `at` was redacted.
        ConfigError: An override is invalid, or the run cannot be forked at `at`.
        NotApproved: The fork would do what the log of its origin demands, which is not approved here.
        TaskError: The tasks cannot be answered in the way that an override requires.
    """
    origin = _read(log_path, name, at)
    overrides = {**_own_overrides(origin.config, consent), **overrides}
    config = apply(origin.started.config, overrides)
    with open_reader(log_path) as reader:
        _check_inherited(reader, origin, config, overrides, consent)
    new = new_run_name(config)
    copied = list(Copier(new).copy(origin.prefix))
    if overrides:
        first, opening = copied[0]
        restarted = await _restarted(origin, config)
        # In the present schema, whichever schema the origin had.
        copied[0] = (first, opening._replace(schema=restarted.SCHEMA, data=encode(restarted)))
    await _check(copied, config, overrides)
    forked = RunForked(
        origin=origin.run,
        at=at,
        prefix=origin.prefix[-1].hash.hex(),
        overrides=dict(overrides),
        carried=carried,
    )
    failure = remember(new, copied[0][1].data, config)
    if failure and all_demands(config):
        consent.say(failure)
    await _append(log_path, origin, new, [draft for _, draft in copied], forked)
    return new


def _own_overrides(recorded: Config, consent: Consent) -> dict[str, Any]:
    """Return the code and models of the user's own configuration as settings that the fork changes."""
    if consent.own is None:
        return {}
    tables = {"models", "roles", "functions", "programs"}
    own = with_own(recorded, consent.own).model_dump(mode="json", include=tables)
    old = recorded.model_dump(mode="json", include=tables)
    return {key: table for key, table in own.items() if table != old[key]}


def _check_inherited(
    reader: Reader, origin: _Origin, config: Config, overrides: Mapping[str, Any], consent: Consent
) -> None:
    """Raise `NotApproved` if the fork keeps demands of the log that are not approved.

    What the user has written, as an override or in a configuration, is approved by that.
    """
    if consent.own is None:
        inherited = [demand for demand in all_demands(config) if not _is_written(demand.key, overrides)]
        check_approved(reader, origin.run, origin.config, inherited, consent)


def _is_written(key: str, overrides: Mapping[str, Any]) -> bool:
    """Return whether the user has set `key` itself, or a table that contains it."""
    return any(key == written or key.startswith(f"{written}.") for written in overrides)


async def _append(
    log_path: Place, origin: _Origin, name: str, drafts: Sequence[Draft], forked: RunForked
) -> None:
    """Append the copies, and the notes in both runs, in one step."""
    fork_made = note(origin.run, origin.events + 1, ForkMade(fork=name, at=forked.at))
    log = await EventLog.open(log_path)
    try:
        await log.append([*drafts, note(name, len(drafts) + 1, forked), fork_made])
    finally:
        await log.close()


def _read(log_path: Place, name: str, at: int) -> _Origin:
    with open_reader(log_path) as reader:
        run = reader.resolve(name)
        events = reader.verify(run)
        reader.event(run, at)
        config, started = read_recorded(reader, run)
        prefix = [event for event in reader.read(run) if event.seq <= at]
    for event in prefix:
        if is_redacted(event):
            raise PayloadRedacted(event)
    _check_place(prefix, started, at)
    return _Origin(run, events, prefix, config, started)


def _check_place(prefix: Sequence[Event], started: RunStarted, at: int) -> None:
    kinds = [event.kind for event in prefix]
    if end := next((event.seq for event in prefix if event.kind in ENDS), None):
        raise ConfigError(f"--at {at}: the run finished at seq {end}. Fork it before that.")
    if kinds.count("task.loaded") < len(started.source_tasks) + len(started.target_tasks):
        raise ConfigError(
            f"--at {at}: not all tasks are loaded at this seq. Fork the run after the last task.loaded."
        )


async def _restarted(origin: _Origin, config: Config) -> RunStarted:
    """Return the opening message with the new settings."""
    identities = dict(origin.started.models)
    tasks = [message.task for message in _loaded(origin.prefix)]
    check_names(config, tasks)
    new, old = dict(config.models), dict(origin.config.models)
    if new != old or config.search.answer != origin.config.search.answer:
        async with models_for(config) as pool:
            for task in tasks:
                check_answerable(config, task, pool)
        # A role with unchanged settings keeps the identity with which the shared calls were made.
        changed = (role for role in pool if new.get(role) != old.get(role))
        identities |= {role: pool.identities[role] for role in changed}
    settings = config.model_dump(mode="json", exclude={"log"})
    return origin.started.model_copy(update={"seed": config.seed, "config": settings, "models": identities})


def _loaded(prefix: Sequence[Event]) -> list[TaskLoaded]:
    decoded = (decode(event) for event in prefix if event.kind == "task.loaded")
    return [message for message in decoded if isinstance(message, TaskLoaded)]


async def _check(copied: Sequence[tuple[Event, Draft]], config: Config, overrides: Mapping[str, Any]) -> None:
    engine = RunEngine(await host_for(config.search_settings(), config.roles))
    for event, draft in copied:
        copy = event._replace(
            run=draft.run, id=draft.id, schema=draft.schema, cause=draft.cause, data=draft.data
        )
        try:
            with suppress(HandlerError):
                await engine.apply(copy)
        except ReplayDivergence as error:
            if not overrides:
                raise
            raise ForkDivergence(error, overrides) from error
