"""The conformance suite: every rule that a role must keep, each a check of its own."""

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
from .dry_run import RUN, DryRun, digest, told
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
"""What a model may well reply, whatever it was asked for."""
_CUTS = 6
"""Places at which the log of the dry run is cut, as a crash would."""
_SEEDS = ("0", "1")
"""Of the order in which sets are walked through."""


class RoleRefused(AssertionError):
    """A role breaks rules; says which, and where."""


@dataclass
class CheckedRole:
    """What was found: `passed` rules, and `faults` as (rule, what happened)."""

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
    """Try a role in dry runs; returns what it has passed.

    `role` is the class, or names it as a configuration does. `settings` are those of its table, `replies`
    what its model may say, beside its `sample_replies`. Raises `RoleRefused` with all that was found wrong,
    and `ConfigError` for a role that cannot be loaded. Call it from a test of the role's own package.
    """
    found = examine(role, settings=settings, replies=replies, patience=patience)
    if found.faults:
        raise RoleRefused(str(found))
    return found


def examine(
    role: str | type[Role],
    *,
    settings: Mapping[str, Any] | None = None,
    replies: Sequence[str] = (),
    patience: float = PATIENCE,
) -> CheckedRole:
    """As `check_role`, and what is wrong stands in the result."""
    use = find_only(role) if isinstance(role, str) else _place_of(role)
    cls = find_class(use)[0]
    check_class(cls)
    suite = _Suite(cls, use, dict(settings or {}), (*cls.sample_replies, *replies), patience)
    # In a thread of its own, so that it can be called where an event loop is running, as in a notebook.
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
        self._found = CheckedRole(use)
        self._whole: list[Event] = []

    async def run(self) -> CheckedRole:
        """Each rule in turn; where the first dry run fails, the others would only say so again."""
        with tempfile.TemporaryDirectory() as name:
            self._folder = Path(name)
            self._dry = self._dry_run("usual", self._replies or AWKWARD)
            await self._try("runs to its end, pure and bounded", self._pure)
            if not self._found.faults:
                await self._try("bears any reply of a model", self._robust)
                await self._try("says the same twice in a row", self._again)
                await self._try("says the same whatever the order of sets", self._hash_seeds)
                await self._try("says the same whatever the order of replies", self._orders)
                await self._try("is replayed byte for byte", self._replay)
                await self._try("goes on after a crash as if nothing had been", self._crashes)
        self._note_unheard()
        return self._found

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
            self._found.faults.append((rule, fault))
        else:
            self._found.passed.append(rule)

    async def _pure(self) -> str | None:
        return await self._watched_run(self._dry)

    async def _robust(self) -> str | None:
        return await self._watched_run(self._dry_run("awkward", AWKWARD))

    async def _watched_run(self, dry: DryRun) -> str | None:
        purity = Purity(self._cls.__module__.partition(".")[0], self._patience)
        try:
            events = await dry.begin("watched", host=WatchedHost(self._name, purity))
        except OrchestrationError:
            if purity.faults:
                return "; ".join(dict.fromkeys(purity.faults))
            raise
        if dry is self._dry:
            self._whole = events
        return "; ".join(dict.fromkeys(purity.faults)) or None

    async def _again(self) -> str | None:
        return _difference(told(self._whole), told(await self._dry.begin("again")))

    async def _hash_seeds(self) -> str | None:
        for seed in _SEEDS:
            found = await asyncio.to_thread(self._in_child, seed)
            if found != digest(self._whole):
                return f"with PYTHONHASHSEED={seed} the conversation is another ({found[:200]})"
        return None

    def _in_child(self, seed: str) -> str:
        order = json.dumps([self._name, self._table.model_dump(), self._replies or AWKWARD, sys.path])
        done = subprocess.run(
            [sys.executable, "-c", _CHILD],
            input=order,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        last = (done.stdout if not done.returncode else done.stderr).strip().splitlines()
        return last[-1] if last else f"status {done.returncode}"

    async def _orders(self) -> str | None:
        dice = Random(1)
        other = await self._dry.begin("order", slots=64, delay=lambda _request: dice.random() / 200)
        return _difference(sorted(told(self._whole)), sorted(told(other)))

    async def _replay(self) -> str | None:
        try:
            await reenact(self._dry.path("watched"), RUN, lambda _event: None)
        except ReplayDivergence as error:
            return str(error)
        return None

    async def _crashes(self) -> str | None:
        agent = f"{self._name}/main"
        near = [i for i, e in enumerate(self._whole) if agent in (e.sender, *e.recipients)]
        # What the user says to begin with is committed as one.
        opening = sum(event.sender == "user" for event in self._whole)
        places = [i for i in range(opening, len(self._whole)) if i in near or i - 1 in near]
        for at in places[:: max(1, len(places) // _CUTS)]:
            carried = await self._dry.resume(f"cut-{at}", self._whole[:at])
            if fault := _difference(sorted(told(self._whole)), sorted(told(carried))):
                return f"after a crash behind event {at}: {fault}"
        return None

    def _note_unheard(self) -> None:
        said = {event.kind for event in self._whole}
        heard = [cls.model_fields["kind"].default for cls in self._cls.hears()]
        if unheard := [kind for kind in heard if kind not in said]:
            self._found.notes.append(
                f"the dry run says no {', '.join(unheard)}: those handlers were not tried"
            )
        asked = any(
            event.kind == "call.requested" and event.sender.startswith(self._name) for event in self._whole
        )
        if asked and not self._replies:
            self._found.notes.append("its model has no sample_replies: it was only given awkward ones")


def _difference(one: Sequence[tuple[str, str, bytes]], other: Sequence[tuple[str, str, bytes]]) -> str | None:
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            return f"{_words(mine)} the first time, {_words(theirs)} the second"
    return None if len(one) == len(other) else f"{len(one)} messages the first time, {len(other)} the second"


def _words(said: tuple[str, str, bytes]) -> str:
    return f"{said[1]} says {said[0]} {said[2][:300].decode(errors='replace')}"


def _place_of(cls: type[Role]) -> str:
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
    print(digest(asyncio.run(dry.begin("child"))))
"""
