"""A run that shares the beginning of another: copied, never paid again, and then going its own way.

The copies are appended in one step with the notes that tell of the fork in both runs. Before that, the
beginning is re-enacted with the new settings, so that a fork which could not be replayed is never made.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...agents.codec import encode
from ...agents.messages import ForkMade, RunForked, RunStarted
from ...storage.event import Draft, Event
from ...storage.log import EventLog
from ...storage.reader import LogReader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..config import Config
from ..enactment import Enactment, HandlerError
from ..errors import ConfigError, OrchestrationError, ReplayDivergence
from ..session import recorded
from ..setup import host_for, models_for, new_run_name
from .copying import Copier
from .notes import note
from .overrides import apply


class ForkDivergence(ReplayDivergence):
    """With the new settings the agents would have said something else before the point of the fork."""

    def __init__(self, error: ReplayDivergence, overrides: Mapping[str, Any]) -> None:
        OrchestrationError.__init__(
            self,
            f"The run cannot be forked with {', '.join(overrides)} changed: what was said up to the fork "
            f"rests on it. At seq {error.seq} the log says {error.got}, but now the agents say "
            f"{error.expected}. Fork before seq {error.seq}, or change something else.",
        )
        self.seq, self.expected, self.got = error.seq, error.expected, error.got


@dataclass(frozen=True, slots=True)
class _Origin:
    run: str
    events: int
    prefix: list[Event]
    config: Config
    started: RunStarted


async def fork(log_path: Path, name: str, at: int, overrides: Mapping[str, Any]) -> str:
    """Make a run of the events of the run `name` up to seq `at`; returns its name, for `resume`.

    Raises `ForkDivergence` where `overrides` change what was said up to there, `PayloadRedacted` where a
    payload is gone, `ConfigError` for an override or a place that does not do. Then nothing is written.
    """
    origin = _read(log_path, name, at)
    config = apply(origin.started.config, overrides)
    new = new_run_name(config)
    copied = list(Copier(new).copy(origin.prefix))
    if overrides:
        first, opening = copied[0]
        copied[0] = (first, replace(opening, data=encode(await _restarted(origin, config))))
    await _check(copied, config, overrides)
    drafts = [draft for _, draft in copied]
    forked = RunForked(
        origin=origin.run, at=at, prefix=origin.prefix[-1].hash.hex(), overrides=dict(overrides)
    )
    made = note(origin.run, origin.events + 1, ForkMade(fork=new, at=at))
    log = await EventLog.open(log_path)
    try:
        await log.append([*drafts, note(new, len(drafts) + 1, forked), made])
    finally:
        await log.close()
    return new


def _read(log_path: Path, name: str, at: int) -> _Origin:
    with LogReader(log_path) as reader:
        run = reader.resolve(name)
        events = reader.verify(run)
        reader.event(run, at)
        config, started = recorded(reader, run)
        prefix = [event for event in reader.read(run) if event.seq <= at]
    for event in prefix:
        if is_redacted(event):
            raise PayloadRedacted(event)
    _check_place(prefix, started, at)
    return _Origin(run, events, prefix, config, started)


def _check_place(prefix: Sequence[Event], started: RunStarted, at: int) -> None:
    kinds = [event.kind for event in prefix]
    if "run.finished" in kinds:
        end = prefix[kinds.index("run.finished")].seq
        raise ConfigError(f"--at {at}: the run is finished at seq {end}. Fork it before that.")
    if kinds.count("task.loaded") <= len(started.source_tasks):
        raise ConfigError(
            f"--at {at}: not all tasks are loaded by then. Fork the run after the last task.loaded."
        )


async def _restarted(origin: _Origin, config: Config) -> RunStarted:
    """The opening message with the new settings."""
    identities = dict(origin.started.models)
    if config.models != origin.config.models:
        models, _ = models_for(config)
        identities = {role: model.identity for role, model in models.items()}
        for model in {id(model): model for model in models.values()}.values():
            await model.close()
    settings = config.model_dump(mode="json", exclude={"log"})
    return origin.started.model_copy(update={"seed": config.seed, "config": settings, "models": identities})


async def _check(copied: Sequence[tuple[Event, Draft]], config: Config, overrides: Mapping[str, Any]) -> None:
    enactment = Enactment(await host_for(config.search_settings()))
    for event, draft in copied:
        heard = replace(event, run=draft.run, id=draft.id, cause=draft.cause, data=draft.data)
        try:
            with suppress(HandlerError):
                await enactment.hear(heard)
        except ReplayDivergence as error:
            if not overrides:
                raise
            raise ForkDivergence(error, overrides) from error
