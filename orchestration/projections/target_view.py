"""A run with several targets as the run of one of them: everything that reads runs then reads that target.

The events of the other targets are left out, the stages have their plain names, and the verdict of the target
ends the run. Calls are those of the whole run. Without pydantic, because `tp best` must start fast.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, cast

import orjson

from ...agents.stage_names import is_shared, stage_target, within
from ...agents.upcasting import UPCASTERS
from ...storage.errors import LogUnreadable
from ...storage.event import Event
from ...storage.reader import Reader
from ...storage.redaction import is_redacted
from ..errors import ConfigError

_VERDICT, _END, _RUN_END = "target.finished", "targets.finished", "run.finished"
_NAMING = dict.fromkeys(("prompt.promoted", "experience.applied", "merge.requested", "merge.made"), "into")
"""Kind -> field that names the stage, if it is not `stage`."""
_CALLS = ("call.requested", "call.finished", "call.failed", "call.attempted")


def targets_of(reader: Reader, run: str) -> tuple[str, ...]:
    """Return the names of the targets of a run that has several; () if it has one, or begins unreadably."""
    first = next(reader.read(run), None)
    names = named_targets(first) if first is not None and first.kind == "run.started" else ()
    return names if len(names) > 1 else ()


def named_targets(started: Event) -> tuple[str, ...]:
    """Return the names of the targets in the message that began a run; () if it cannot be read."""
    named = readable_payload(started).get("target_tasks")
    return tuple(map(_task_name, named)) if isinstance(named, list) else ()


def readable_payload(event: Event) -> Mapping[str, Any]:
    """Return the fields of a message in its newest schema; {} if it was redacted or cannot be read."""
    try:
        return {} if is_redacted(event) else UPCASTERS.payload(event)
    except LogUnreadable:
        return {}


def for_target(reader: Reader, run: str, target: str | None) -> Reader:
    """Return a reader to which `run` is the run of one target.

    Raise `ConfigError` if the run has several targets and none is chosen, or if it has none of that name.
    """
    names = targets_of(reader, run)
    if not names and target is None:
        return reader
    if target not in names:
        if not names:
            raise ConfigError(f"Run {run} has one target only: leave --target out.")
        what = "choose one with --target NAME" if target is None else f"none is called {target!r}"
        raise ConfigError(f"Run {run} has the targets {', '.join(names)}: {what}.")
    return cast(Reader, _TargetReader(reader, target))


class _TargetReader:
    """A reader whose events are those of one target."""

    def __init__(self, reader: Reader, target: str) -> None:
        self._reader, self._target = reader, target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def read(
        self, run: str, *, after: int = 0, kinds: tuple[str, ...] = (), without: tuple[str, ...] = ()
    ) -> Iterator[Event]:
        """Yield the events of the target, and those of the whole run that belong to no target."""
        wanted = (*kinds, _VERDICT) if _RUN_END in kinds else kinds
        for event in self._reader.read(run, after=after, kinds=wanted, without=without):
            if (own := self._own(event)) is not None:
                yield own

    def _own(self, event: Event) -> Event | None:
        """Return an event as that of the only target; None if it belongs to another."""
        if event.kind in _CALLS or is_redacted(event):
            return event
        if event.kind == _END:
            return None
        payload = UPCASTERS.payload(event)
        if event.kind == "run.started":
            own = [name for name in payload["target_tasks"] if _task_name(name) == self._target]
            return _with(event, {**payload, "target_tasks": own})
        if event.kind == "experience.loaded":
            return _with(event, {**payload, "target": ""}) if payload["target"] == self._target else None
        field = _NAMING.get(event.kind, "stage")
        stage = payload.get(field)
        if not isinstance(stage, str) or is_shared(stage):
            return event
        if stage_target(stage) != self._target:
            return None
        if event.kind == _VERDICT:
            return _with(event._replace(kind=_RUN_END), payload["verdict"])
        return _with(event, {**payload, field: within(stage, self._target)})


def _task_name(task: object) -> str:
    """Return the name of a task that is named or given by its folder."""
    return PurePath(str(task)).name


def _with(event: Event, payload: dict[str, Any]) -> Event:
    """Return an event with another payload, in the newest schema of its kind."""
    return event._replace(schema=UPCASTERS.newest(event.kind), data=orjson.dumps(payload))
