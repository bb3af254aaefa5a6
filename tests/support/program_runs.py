"""Small runs of a program in a file of the user's, with scripted models."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiny_runs import RUN, ignore, reply_by_hash

from transfer_prompting.agents.call_events import PROGRAMS
from transfer_prompting.agents.messages.codec import encode
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.programs.model import ProgramModel
from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool, PooledModel
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.config.functions import with_functions
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.orchestration.runtime.program_loader import load_programs
from transfer_prompting.orchestration.trust.records import remember
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import Place

TWO_STEPS = """
async def run(example, prompts, ask):
    found = await ask("scorer", prompts["find"] + " " + example["question"])
    ask.note("found", found.text)
    answer = await ask("scorer", prompts["answer"] + " " + found.text + " " + example["question"])
    return answer.text
"""
FILE = "own_program.py"


def program_config(
    folder: Path,
    source: str = TWO_STEPS,
    *,
    examples: int = 6,
    steps: int = 2,
    candidates: int = 3,
    **changes: Any,
) -> Config:
    """Write a program and a task, and return the configuration of a run that optimises its two texts.

    `changes` are `program`, more settings of the program, `task`, of the task, `search`, and tables.
    """
    (folder / FILE).write_text(source)
    rows = [
        {"id": f"r{n}", "question": f"Is the number {n} even?", "gold": "no" if n % 2 else "yes"}
        for n in range(3 * examples)
    ]
    for at, split in enumerate(("train", "dev", "test")):
        part = rows[at * examples : (at + 1) * examples]
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, part)))
    task = {
        "description": "Say whether a number is even.",
        "program": {"use": f"{FILE}:run", **changes.pop("program", {})},
        "texts": {"find": "Write what matters.", "answer": "Answer yes or no."},
        "answer": {"type": "label", "labels": ["yes", "no"]},
        "data": {
            **{split: f"{split}.jsonl" for split in ("train", "dev", "test")},
            "columns": {"answer": "gold"},
        },
        **changes.pop("task", {}),
    }
    return Config.model_validate(
        {
            "name": "tiny",
            "target": {
                "task": "numbers",
                "steps": steps,
                "candidates": candidates,
                "examples": examples,
                "test_examples": examples,
            },
            "tasks": {"numbers": task},
            "search": {"seed_prompts": False, **changes.pop("search", {})},
            "models": {role: {"provider": "smollm2"} for role in ("scorer", "reference")},
            **changes,
        }
    )


def answer_as_steps(request: ModelRequest) -> str:
    """Answer as `reply_by_hash`; a proposal is a text without the form of several ones."""
    text = request.messages[-1].text
    if "<instruction>" in text or "Is the number" not in text:
        return reply_by_hash(request)
    return "no" if len(text) % 3 else "yes"


@dataclass
class Fixed:
    """Makes `models_for` return scripted models beside the real programs of a configuration."""

    model: ScriptedModel
    slots: int = 16
    price: Price | None = None

    def __call__(self, config: Config, *_own: object) -> ModelPool:
        pooled = {role: PooledModel(self.model, self.slots, self.price) for role in ("scorer", "reference")}
        if config.programs:
            pooled[PROGRAMS] = PooledModel(programs_of(config, self.model), self.slots)
        return ModelPool(pooled)


def programs_of(config: Config, model: ScriptedModel) -> Any:
    """Return the model that runs the programs of a configuration."""
    asked = dict.fromkeys(("scorer", "reference"), model.identity)
    return ProgramModel(load_programs(config.programs), asked)


async def carry_program(
    config: Config,
    folder: Path,
    model: ScriptedModel,
    *,
    budget: BudgetSettings | None = None,
    going_on: bool = False,
    slots: int = 16,
    price: Price | None = None,
    place: Place | None = None,
) -> list[Event]:
    """Begin or resume the run of a program; return its log."""
    config = with_functions(config, folder)
    log = await EventLog.open(place or folder / "log.db")
    async with Fixed(model, slots, price)(config) as pool:
        terms = Terms(
            budget=budget or BudgetSettings(), search=config.search_settings(), accept_unreadable=True
        )
        live = LiveRun(log, RUN, RunEngine(await host_for(config.search_settings())), pool, ignore, terms)
        try:
            if going_on:
                await live.resume({})
            else:
                messages = opening(config, folder, pool)
                remember(RUN, encode(messages[0]), config)
                await live.start(messages)
            with open_reader(log.place) as reader:
                return list(reader.read(RUN))
        finally:
            await log.close()


def inner(events: list[Event]) -> list[Event]:
    """Return the requests that programs have made."""
    return [e for e in events if e.kind == "call.requested" and e.sender == f"model/{PROGRAMS}"]


def data_of(event: Event) -> Mapping[str, Any]:
    """Return the payload of an event."""
    found: Mapping[str, Any] = json.loads(event.data)
    return found


def run_now(config: Config, folder: Path, model: ScriptedModel, **options: Any) -> list[Event]:
    """Return the log of a run, within a time that no healthy one needs."""
    return asyncio.run(asyncio.wait_for(carry_program(config, folder, model, **options), 60))
