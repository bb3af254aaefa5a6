"""A small search to test a role in: two tiny tasks, and models whose replies depend on the request alone."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...agents.messages import Message
from ...agents.models.base import Model, ModelRequest
from ...agents.models.scripted import ScriptedModel
from ...storage.event import Draft, Event
from ...storage.log import EventLog
from ...storage.opening import open_reader
from ..calls.model_pool import ModelPool
from ..config.role_settings import RoleSettings
from ..config.settings import Config
from ..runtime.agent_runtime import AgentHost
from ..runtime.assembly import host_for, opening
from ..runtime.engine import RunEngine
from ..runtime.live_run import LiveRun
from ..runtime.role_loader import load_roles

RUN = "dry-run"
_ROWS = 4
_MODEL = {"provider": "smollm2"}  # Only named, never built.

Conversation = list[tuple[str, str, bytes]]
"""Kind, sender and data of each message, without calls and interruptions."""


class DryRun:
    """Runs of one configuration in `folder`, each with its own log."""

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
            "search": {"operators": ["history", "extend"], "seed_prompts": False},
            "models": {"scorer": _MODEL, "reference": _MODEL},
            "roles": {name: settings},
        }
        self.config = Config.model_validate(written)

    async def start(
        self,
        log: str,
        *,
        host: AgentHost | None = None,
        slots: int = 16,
        delay: Callable[[ModelRequest], float] | None = None,
    ) -> list[Event]:
        """Run to the end; return the events."""
        pool = self._pool(slots, delay)
        return await self._drive(log, host, pool, opening(self.config, self._folder, pool))

    async def resume(self, log: str, prefix: Sequence[Event]) -> list[Event]:
        """Continue from the log that a crash after `prefix` would leave; return the events."""
        copy = await EventLog.open(self.path(log))
        await copy.append(
            [Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data) for e in prefix]
        )
        await copy.close()
        return await self._drive(log, None, self._pool(), None)

    def path(self, log: str) -> Path:
        """Return the file of a log."""
        return self._folder / f"{log}.db"

    async def _drive(
        self, name: str, host: AgentHost | None, pool: ModelPool, messages: Sequence[Message] | None
    ) -> list[Event]:
        log = await EventLog.open(self.path(name))
        try:
            agents = await host_for(self.config.search_settings(), self.config.roles, host)
            live = LiveRun(log, RUN, RunEngine(agents), pool, lambda _event: None)
            await (live.resume({}) if messages is None else live.start(messages))
        finally:
            await log.close()
        with open_reader(self.path(name)) as reader:
            return list(reader.read(RUN))

    def _pool(self, slots: int = 16, delay: Callable[[ModelRequest], float] | None = None) -> ModelPool:
        [role] = load_roles(self.config.roles)
        names = (self.name, *role.cls.own_models(role.name, role.settings))
        search = ScriptedModel(_reply, delay=delay)
        own = ScriptedModel(self._reply_to_role, "scripted/role", delay=delay)
        models: dict[str, Model] = {"scorer": search, "reference": search, **dict.fromkeys(names, own)}
        return ModelPool.of(models, slots=slots)

    def _reply_to_role(self, request: ModelRequest) -> str:
        return self._replies[_digest(request)[0] % len(self._replies)]


def conversation(events: Sequence[Event]) -> Conversation:
    """Return the messages of the agents and the user."""
    left_out = ("run.resumed", "run.failed", "handler.failed")
    return [
        (e.kind, e.sender, e.data)
        for e in events
        if not e.kind.startswith("call.") and e.kind not in left_out
    ]


def digest(events: Sequence[Event]) -> str:
    """Return a digest of the conversation."""
    return hashlib.sha256(repr(conversation(events)).encode()).hexdigest()


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
    return hashlib.sha256(f"{request.messages[-1].text}/{request.sample}".encode()).digest()


def _reply(request: ModelRequest) -> str:
    found = _digest(request)
    if "<instruction>" in request.messages[-1].text:
        return f"<instruction>Decide with rule {found.hex()[:6]}.</instruction>"
    return f"Answer: {'yes' if found[0] % 2 else 'no'}\nConfidence: {found[1] % 101}"
