"""A whole run in miniature: two small tasks, and a scripted model that answers by the prompt alone."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transfer_prompting.agents.messages import Message, TaskLoaded
from transfer_prompting.agents.messages.codec import encode
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.orchestration.trust.consent import NO_CONSENT, Consent
from transfer_prompting.orchestration.trust.records import remember
from transfer_prompting.prompts.task import Task
from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader

RUN = "tiny-0001"
Answer = Callable[[ModelRequest], str]


_OUTSIDE = ("run.resumed", "run.failed", "handler.failed", "backend.probed")


def ignore(_event: Event) -> None:
    """Ignore an event."""


def write_task(folder: Path, name: str, *, rows: int = 6) -> None:
    """Write a yes/no task to `folder`/`name`."""
    place = folder / name
    place.mkdir(parents=True)
    (place / "task.toml").write_text(
        f'description = "Say whether {name} number is even."\n'
        'initial_prompts = ["Even or odd?", "Say yes or no."]\n'
        'answer = { type = "label", labels = ["yes", "no"] }\n'
        'data = { train = "train.jsonl", dev = "dev.jsonl", test = "test.jsonl" }\n'
    )
    for split in ("train", "dev", "test"):
        lines = [
            json.dumps(
                {"id": f"{split}-{i}", "question": f"{name} {split} {i}", "answer": "no" if i % 2 else "yes"}
            )
            for i in range(rows)
        ]
        (place / f"{split}.jsonl").write_text("\n".join(lines) + "\n")


def _model(price: Price | None) -> dict[str, Any]:
    """Return the settings of a model that is never asked: the runs are given scripted ones."""
    if price is None:
        return {"provider": "smollm2"}
    return {"provider": "openai", "model": "scripted", "base_url": "http://127.0.0.1:9/v1", "price": price}


def tiny_config(folder: Path, *, examples: int = 6, price: Price | None = None, **search: Any) -> Config:
    """Return a configuration with two steps on one source task and two on the target."""
    for name in ("first", "second"):
        if not (folder / name).exists():
            write_task(folder, name, rows=examples)
    stage = {"steps": 2, "candidates": 3, "examples": examples}
    return Config.model_validate(
        {
            "name": "tiny",
            "source": {"tasks": ["first"], **stage},
            "target": {"task": "second", "test_examples": 6, **stage},
            "search": {
                "operators": ["history", "extend", "paraphrase"],
                "seed_prompts": False,
                **search,
            },
            "models": dict.fromkeys(_roles(judged="wording" in search), _model(price)),
        }
    )


def raced_config(folder: Path) -> Config:
    """Return `tiny_config` with a control and with enough examples for races that stop prompts."""
    return tiny_config(folder, examples=40, control=True)


def _roles(*, judged: bool) -> tuple[str, ...]:
    """Return the roles that ask a model."""
    return ("scorer", "reference", "judge") if judged else ("scorer", "reference")


_OPTIONS = re.compile(r"^Options: (.*)$", re.MULTILINE)


def reply_by_hash(request: ModelRequest) -> str:
    """Answer the reference's requests with a prompt, the scorer's with an answer and a confidence."""
    text = request.messages[-1].text
    digest = hashlib.sha256(f"{text}/{request.sample}".encode()).digest()
    if "<instruction>" in text:
        return f"<instruction>Decide with rule {digest.hex()[:6]}.</instruction>"
    options = _OPTIONS.search("\n".join(message.text for message in request.messages))
    labels = sorted(options[1].split(", ")) if options else ["no", "yes"]
    return f"Answer: {labels[digest[0] % len(labels)]}\nConfidence: {digest[1] % 101}"


def scripted(answer: Callable[[ModelRequest], Any] = reply_by_hash, **options: Any) -> ScriptedModel:
    """Return the model of all roles."""
    return ScriptedModel(answer, **options)


async def begin(
    config: Config,
    folder: Path,
    model: ScriptedModel,
    *,
    slots: int = 16,
    change: Callable[[Task], Task] | None = None,
) -> list[Event]:
    """Run to the end, with the tasks as `change` returns them; return the log."""
    live, log = await _live(config, folder, model, slots)
    messages = with_tasks(opening(config, folder, _pool(config, model)), change)
    remember(RUN, encode(messages[0]), config)
    try:
        await live.start(messages)
    finally:
        await log.close()
    return read(folder)


def with_tasks(messages: list[Message], change: Callable[[Task], Task] | None) -> list[Message]:
    """Return opening messages with the tasks as `change` returns them."""
    return [
        message.model_copy(update={"task": change(message.task)})
        if change and isinstance(message, TaskLoaded)
        else message
        for message in messages
    ]


async def resume(config: Config, folder: Path, model: ScriptedModel, *, slots: int = 16) -> list[Event]:
    """Resume the run whose log is in `folder`; return the log."""
    live, log = await _live(config, folder, model, slots)
    try:
        await live.resume({})
    finally:
        await log.close()
    return read(folder)


async def reenact(folder: Path, consent: Consent = NO_CONSENT) -> int:
    """Replay the log in `folder`."""
    return await lifecycle.reenact(folder / "log.db", RUN, ignore, consent=consent)


def read(folder: Path) -> list[Event]:
    """Return every event of the run."""
    with LogReader(folder / "log.db") as reader:
        return list(reader.read(RUN))


async def copy_prefix(events: list[Event], folder: Path) -> None:
    """Make the log that a crash after `events` would have left."""
    log = await EventLog.open(folder / "log.db")
    await log.append(
        [Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data) for e in events]
    )
    await log.close()


def said(events: list[Event]) -> list[tuple[str, str, bytes]]:
    """Return kind, sender and contents of each message, without calls and interruptions, in order."""
    return [
        (e.kind, e.sender, e.data)
        for e in events
        if not e.kind.startswith("call.") and e.kind not in _OUTSIDE
    ]


def finished_keys(events: list[Event]) -> list[str]:
    """Return the key of every call that was made and paid for, in order."""
    made = (json.loads(e.data) for e in events if e.kind == "call.finished")
    return [call["key"] for call in made if call["reused"] is None]


def _pool(config: Config, model: ScriptedModel, slots: int = 16) -> ModelPool:
    roles = (*_roles(judged=config.models.judge is not None), *config.roles)
    return ModelPool.of(dict.fromkeys(roles, model), slots=slots)


async def _live(config: Config, folder: Path, model: ScriptedModel, slots: int) -> tuple[LiveRun, EventLog]:
    log = await EventLog.open(folder / "log.db")
    engine = RunEngine(await host_for(config.search_settings(), config.roles))
    return LiveRun(log, RUN, engine, _pool(config, model, slots), ignore), log
