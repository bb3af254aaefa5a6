"""Small runs of a program whose models are scripted, begun, killed and resumed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tiny_runs import RUN, ignore

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.programs.model import LoadedProgram, ProgramModel
from transfer_prompting.agents.programs.request import PROGRAMS
from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool, PooledModel
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.prompts.program import ProgramSettings
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader

TEXTS = {"find": "Find the word.", "tell": "Tell the sign."}
PRICE = Price(input=0.7, output=2.9)


async def two_calls(example: Any, prompts: Any, ask: Any) -> str:
    """Ask for a word, then for the answer."""
    found = await ask("scorer", f"{prompts['find']}\n{example['question']}")
    told = await ask("scorer", f"{prompts['tell']}\n{example['question']} {found.text}")
    return str(told.text)


def program_config(folder: Path, rows: int = 8, **search: Any) -> Config:
    """Return the configuration of a search with two steps, and write its data to `folder`."""
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"question": f"row {n}", "answer": "ab"[n % 2]}) for n in range(3 * rows)]
    (folder / "rows.jsonl").write_text("\n".join(lines))
    model = {"provider": "openai", "model": "scripted", "base_url": "http://127.0.0.1:9/v1", "price": PRICE}
    return Config.model_validate(
        {
            "name": "tiny",
            "target": {"task": "signs", "test_examples": 6, "steps": 2, "candidates": 2, "examples": rows},
            "search": {"seed_prompts": False, "operators": ["extend", "history"], **search},
            "models": {"scorer": model, "reference": model},
            "tasks": {
                "signs": {
                    "description": "Tell the sign of a row.",
                    "program": {"use": "program.py:run"},
                    "texts": TEXTS,
                    "answer": {"type": "label", "labels": ["a", "b"]},
                    "data": {"all": "rows.jsonl"},
                }
            },
            "programs": {"signs": {"use": "program.py:run"}},
        }
    )


def answer_by_words(request: ModelRequest) -> str:
    """Answer the reference with a prompt and a program with a sign, by the words of the request alone."""
    text = request.messages[-1].text
    number = sum(text.encode()) + request.sample
    if "<instruction>" in text:
        return f"<instruction>Look at sign {number % 97} of the row.</instruction>"
    return "ab"[number % 2]


async def carry_out(
    config: Config,
    folder: Path,
    model: ScriptedModel,
    *,
    program: Callable[..., Any] = two_calls,
    settings: ProgramSettings | None = None,
    budget: BudgetSettings | None = None,
    slots: int = 16,
) -> list[Event]:
    """Begin the run of `folder`, or resume it if it has a log; return the log."""
    settings = settings or ProgramSettings(use="program.py:run")
    models = ModelPool.of({"scorer": model, "reference": model}, slots=slots, price=PRICE)
    runner = ProgramModel({"signs": LoadedProgram(program, "0" * 16, settings)})
    going_on = (folder / "log.db").exists()
    async with ModelPool({**models, PROGRAMS: PooledModel(runner, slots)}) as pool:
        log = await EventLog.open(folder / "log.db")
        try:
            engine = RunEngine(await host_for(config.search_settings()))
            terms = Terms(budget or BudgetSettings(), config.search_settings())
            live = LiveRun(log, RUN, engine, pool, ignore, terms)
            await (live.resume({}) if going_on else live.start(opening(config, folder, pool)))
        finally:
            await log.close()
    with open_reader(folder / "log.db") as reader:
        return list(reader.read(RUN))
