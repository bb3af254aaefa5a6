"""The search that a role is tried in: two tiny tasks, models whose replies follow from the request alone."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...agents.models.base import Model, ModelRequest
from ...agents.models.scripted import ScriptedModel
from ...storage.event import Draft, Event
from ...storage.log import EventLog
from ...storage.opening import open_reader
from ..config.role_settings import RoleSettings
from ..config.settings import Config
from ..runtime.agent_runtime import AgentHost
from ..runtime.assembly import host_for, opening
from ..runtime.engine import RunEngine
from ..runtime.live_run import LiveRun
from ..runtime.role_loader import load_roles

RUN = "dry-run"
_ROWS = 4
_MODEL = {"provider": "smollm2"}  # Named and never built.

Heard = list[tuple[str, str, bytes]]
"""Kind, sender and contents of each message, calls and interruptions left out."""


class DryRun:
    """Runs of one configuration in `folder`, each with a log of its own, named after the run's purpose."""

    def __init__(self, folder: Path, name: str, settings: RoleSettings, replies: Sequence[str]) -> None:
        self.name = name
        self._folder = folder
        self._replies = replies
        for task in ("first", "second"):
            _write_task(folder / task)
        stage = {"steps": 1, "candidates": 2, "examples": _ROWS}
        written: dict[str, Any] = {
            "name": "dry",
            "source": {"tasks": ["first"], **stage},
            "target": {"task": "second", "test_examples": _ROWS, **stage},
            "search": {"promote": 1, "operators": ["history", "extend"], "seed_prompts": False},
            "models": {"scorer": _MODEL, "reference": _MODEL},
            "roles": {name: settings},
        }
        self.config = Config.model_validate(written)

    async def begin(
        self,
        log: str,
        *,
        host: AgentHost | None = None,
        slots: int = 16,
        delay: Callable[[ModelRequest], float] | None = None,
    ) -> list[Event]:
        """Run to the end; returns the log."""
        models = self._models(delay)
        return await self._carry(log, host, slots, models, opening(self.config, self._folder, models))

    async def resume(self, log: str, prefix: Sequence[Event]) -> list[Event]:
        """Go on where a crash after `prefix` would have left the log; returns the log."""
        copy = await EventLog.open(self.path(log))
        await copy.append(
            [Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data) for e in prefix]
        )
        await copy.close()
        return await self._carry(log, None, 16, self._models(None), None)

    def path(self, log: str) -> Path:
        """The file of a log."""
        return self._folder / f"{log}.db"

    async def _carry(
        self,
        name: str,
        host: AgentHost | None,
        slots: int,
        models: Mapping[str, Model],
        messages: Sequence[Any] | None,
    ) -> list[Event]:
        log = await EventLog.open(self.path(name))
        try:
            agents = await host_for(self.config.search_settings(), self.config.roles, host)
            live = LiveRun(
                log, RUN, RunEngine(agents), models, dict.fromkeys(models, slots), lambda _event: None
            )
            await (live.resume({}) if messages is None else live.begin(messages))
        finally:
            await log.close()
        with open_reader(self.path(name)) as reader:
            return list(reader.read(RUN))

    def _models(self, delay: Callable[[ModelRequest], float] | None) -> dict[str, Model]:
        [role] = load_roles(self.config.roles)
        names = (self.name, *role.cls.own_models(role.name, role.settings))
        search = ScriptedModel(_reply, delay=delay)
        own = ScriptedModel(self._reply_to_role, "scripted/role", delay=delay)
        return {"scorer": search, "reference": search, **dict.fromkeys(names, own)}

    def _reply_to_role(self, request: ModelRequest) -> str:
        return self._replies[_digest(request)[0] % len(self._replies)]


def told(events: Sequence[Event]) -> Heard:
    """What the agents have said, and what the user has."""
    left_out = ("run.resumed", "run.failed", "handler.failed")
    return [
        (e.kind, e.sender, e.data)
        for e in events
        if not e.kind.startswith("call.") and e.kind not in left_out
    ]


def digest(events: Sequence[Event]) -> str:
    """One word for all of it."""
    return hashlib.sha256(repr(told(events)).encode()).hexdigest()


def _write_task(folder: Path) -> None:
    folder.mkdir()
    (folder / "task.toml").write_text(
        f'description = "Say whether the {folder.name} number is even."\n'
        'initial_prompts = ["Even or odd?", "Say yes or no."]\n'
        'answer = { type = "label", labels = ["yes", "no"] }\n'
        'data = { train = "train.jsonl", dev = "dev.jsonl", test = "test.jsonl" }\n'
    )
    for split in ("train", "dev", "test"):
        rows = [
            {"id": f"{split}-{i}", "question": f"{folder.name} {split} {i}", "answer": ("yes", "no")[i % 2]}
            for i in range(_ROWS)
        ]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def _digest(request: ModelRequest) -> bytes:
    return hashlib.sha256(f"{request.messages[-1].content}/{request.sample}".encode()).digest()


def _reply(request: ModelRequest) -> str:
    found = _digest(request)
    if "<instruction>" in request.messages[-1].content:
        return f"<instruction>Decide with rule {found.hex()[:6]}.</instruction>"
    return f"Answer: {'yes' if found[0] % 2 else 'no'}\nConfidence: {found[1] % 101}"
