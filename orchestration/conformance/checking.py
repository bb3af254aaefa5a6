"""The conformance suite: one check for each rule that a role must follow."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from ...agents.roles.base import Role
from ...storage.event import Event
from ..config.role_settings import RoleSettings
from ..errors import OrchestrationError, ReplayDivergence
from ..runtime.lifecycle import reenact
from ..runtime.role_loader import check_class, find_class, find_only
from ..trust.consent import Consent
from .dry_run import RUN, DryRun, conversation, digest
from .purity import PATIENCE, Purity
from .watched import WatchedHost

AWKWARD = (
    "",
    " \n",
    "null",
    "I cannot help with that.",
    "\N{SHRUG}" * 9,
    "word " * 2000,
    "{{ x }} </prompt>",
)
"""Replies that any model may give to any request."""
_CUTS = 6
"""Number of positions at which the log of the dry run is cut, as by a crash."""
_SEEDS = ("0", "1")
"""Hash seeds, which determine the iteration order of sets."""


class RoleRefused(AssertionError):
    """A role breaks rules; the message names the rules and what happened."""


@dataclass
class CheckedRole:
    """The result of the suite: `passed` rules, `faults` as (rule, what happened), and `notes`."""

    use: str
    passed: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        faults = "\n".join(f"- {rule}: {fault}" for rule, fault in self.faults)
        return f"{self.use} breaks {len(self.faults)} rule(s).\n{faults}"


def check_role(
    role: str | type[Role],
    *,
    settings: Mapping[str, Any] | None = None,
    replies: Sequence[str] = (),
    patience: float = PATIENCE,
) -> CheckedRole:
    """Check a role in dry runs; return the rules that it passes.

    `role` is the class, or names it as a configuration does. `settings` are those of its table, and
    `replies` are replies of its model in addition to its `sample_replies`. Raises `RoleRefused` with all
    faults, and `ConfigError` if the role cannot be loaded. Call it from a test of the role's own package.
    """
    result = examine(role, settings=settings, replies=replies, patience=patience)
    if result.faults:
        raise RoleRefused(str(result))
    return result


def examine(
    role: str | type[Role],
    *,
    settings: Mapping[str, Any] | None = None,
    replies: Sequence[str] = (),
    patience: float = PATIENCE,
) -> CheckedRole:
    """Check a role as `check_role` does, but return its faults instead of raising."""
    use = find_only(role) if isinstance(role, str) else _location(role)
    cls = find_class(use)[0]
    check_class(cls)
    suite = _Suite(cls, use, dict(settings or {}), (*cls.sample_replies, *replies), patience)
    # In a thread of its own, so that it can be called while an event loop is running, as in a notebook.
    return _in_thread(suite.run)


class _Suite:
    def __init__(
        self, cls: type[Role], use: str, settings: dict[str, Any], replies: Sequence[str], patience: float
    ) -> None:
        self._cls = cls
        self._name = cls.name or cls.__name__.lower()
        self._settings = settings
        self._table = RoleSettings.model_validate({"use": use, **settings})
        self._replies = tuple(replies)
        self._patience = patience
        self._result = CheckedRole(use)
        self._whole: list[Event] = []

    async def run(self) -> CheckedRole:
        """Check each rule in turn; if the first dry run fails, skip the others, which would repeat it."""
        with tempfile.TemporaryDirectory() as name:
            self._folder = Path(name)
            self._dry = self._dry_run("usual", self._replies or AWKWARD)
            await self._try("runs to its end, pure and bounded", self._pure)
            if not self._result.faults:
                await self._try("bears any reply of a model", self._robust)
                await self._try("says the same twice in a row", self._again)
                await self._try("says the same whatever the order of sets", self._hash_seeds)
                await self._try("says the same whatever the order of replies", self._orders)
                await self._try("is replayed byte for byte", self._replay)
                await self._try("goes on after a crash as if nothing had been", self._crashes)
        self._note_untested()
        return self._result

    def _dry_run(self, folder: str, replies: Sequence[str]) -> DryRun:
        place = self._folder / folder
        place.mkdir()
        return DryRun(place, self._name, self._table, replies)

    async def _try(self, rule: str, check: Callable[[], Awaitable[str | None]]) -> None:
        try:
            fault = await check()
        except (OrchestrationError, AssertionError) as error:
            fault = str(error).partition(" The run is stopped")[0]
        if fault:
            self._result.faults.append((rule, fault))
        else:
            self._result.passed.append(rule)

    async def _pure(self) -> str | None:
        return await self._watched_run(self._dry)

    async def _robust(self) -> str | None:
        return await self._watched_run(self._dry_run("awkward", AWKWARD))

    async def _watched_run(self, dry: DryRun) -> str | None:
        purity = Purity(self._cls.__module__.partition(".")[0], self._patience)
        try:
            events = await dry.start("watched", host=WatchedHost(self._name, purity))
        except OrchestrationError:
            if purity.faults:
                return "; ".join(dict.fromkeys(purity.faults))
            raise
        if dry is self._dry:
            self._whole = events
        return "; ".join(dict.fromkeys(purity.faults)) or None

    async def _again(self) -> str | None:
        return _difference(conversation(self._whole), conversation(await self._dry.start("again")))

    async def _hash_seeds(self) -> str | None:
        for seed in _SEEDS:
            found = await asyncio.to_thread(self._in_child, seed)
            if found != digest(self._whole):
                return f"with PYTHONHASHSEED={seed} the conversation differs ({found[:200]})"
        return None

    def _in_child(self, seed: str) -> str:
        arguments = json.dumps([self._name, self._table.model_dump(), self._replies or AWKWARD, sys.path])
        done = subprocess.run(
            [sys.executable, "-c", _CHILD],
            input=arguments,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        last = (done.stdout if not done.returncode else done.stderr).strip().splitlines()
        return last[-1] if last else f"status {done.returncode}"

    async def _orders(self) -> str | None:
        dice = Random(1)
        other = await self._dry.start("order", slots=64, delay=lambda _request: dice.random() / 200)
        return _difference(sorted(conversation(self._whole)), sorted(conversation(other)))

    async def _replay(self) -> str | None:
        try:
            consent = Consent(own=self._dry.config)
            await reenact(self._dry.path("watched"), RUN, lambda _event: None, consent=consent)
        except ReplayDivergence as error:
            return str(error)
        return None

    async def _crashes(self) -> str | None:
        agent = f"{self._name}/main"
        near = [i for i, e in enumerate(self._whole) if agent in (e.sender, *e.recipients)]
        # The user's opening messages are committed in one batch.
        opening = sum(event.sender == "user" for event in self._whole)
        places = [i for i in range(opening, len(self._whole)) if i in near or i - 1 in near]
        for at in places[:: max(1, len(places) // _CUTS)]:
            resumed = await self._dry.resume(f"cut-{at}", self._whole[:at])
            if fault := _difference(sorted(conversation(self._whole)), sorted(conversation(resumed))):
                return f"after a crash at event {at}: {fault}"
        return None

    def _note_untested(self) -> None:
        published = {event.kind for event in self._whole}
        handled = [cls.model_fields["kind"].default for cls in self._cls.hears()]
        if missing := [kind for kind in handled if kind not in published]:
            self._result.notes.append(
                f"the dry run holds no {', '.join(missing)}: those handlers were not tested"
            )
        asked = any(
            event.kind == "call.requested" and event.sender.startswith(self._name) for event in self._whole
        )
        if asked and not self._replies:
            self._result.notes.append("its model has no sample_replies: it was only given awkward ones")


def _difference(one: Sequence[tuple[str, str, bytes]], other: Sequence[tuple[str, str, bytes]]) -> str | None:
    for first, second in zip(one, other, strict=False):
        if first != second:
            return f"{_describe(first)} the first time, {_describe(second)} the second"
    return None if len(one) == len(other) else f"{len(one)} messages the first time, {len(other)} the second"


def _describe(message: tuple[str, str, bytes]) -> str:
    kind, sender, data = message
    return f"{sender} says {kind} {data[:300].decode(errors='replace')}"


def _location(cls: type[Role]) -> str:
    module = sys.modules[cls.__module__]
    if cls.__module__ == "__main__" or cls.__module__.startswith("transfer_prompting_role_"):
        return f"{module.__file__}:{cls.__qualname__}"
    return f"{cls.__module__}:{cls.__qualname__}"


def _in_thread(run: Callable[[], Awaitable[CheckedRole]]) -> CheckedRole:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(run())).result()  # type: ignore[arg-type]


_CHILD = """
import asyncio, json, sys, tempfile
from pathlib import Path
name, table, replies, path = json.load(sys.stdin)
sys.path[:] = path
from transfer_prompting.orchestration.conformance.dry_run import DryRun, digest
from transfer_prompting.orchestration.config.role_settings import RoleSettings
with tempfile.TemporaryDirectory() as folder:
    dry = DryRun(Path(folder), name, RoleSettings.model_validate(table), replies)
    print(digest(asyncio.run(dry.start("child"))))
"""
