"""A whole run of a program of two texts: it looks for the row of a parcel, then says its shelf."""

import asyncio
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from transfer_prompting.agents.call_events import PROGRAMS
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.programs.model import ProgramModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool, PooledModel
from transfer_prompting.orchestration.config.functions import with_functions
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.orchestration.runtime.program_loader import load_programs
from transfer_prompting.storage.log import EventLog

RUN = "tiny-0001"
TEXTS = {"retrieve": "Find the row.", "answer": "Say the shelf."}
PROGRAM = """\
async def run(example, prompts, ask):
    row = (await ask("scorer", prompts["retrieve"] + "\\n" + example["parcel"], text="retrieve")).text
    ask.note("search", row)
    return (await ask("scorer", prompts["answer"] + "\\n" + row, text="answer")).text
"""
_WORDS = ("number", "digit", "label", "shelf", "side", "colour")
_SHELVES = ("a", "b", "c")


def system_config(folder: Path) -> Config:
    """Write the program and its data to `folder`; return the configuration of a search."""
    (folder / "shelves.py").write_text(PROGRAM)
    for split in ("train", "dev", "test"):
        rows = [{"parcel": f"parcel {split} {n}", "answer": _SHELVES[n % len(_SHELVES)]} for n in range(20)]
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    model = {"provider": "openai", "model": "scripted", "base_url": "http://127.0.0.1:9/v1"}
    config = Config.model_validate(
        {
            "name": "tiny",
            "source": {"tasks": []},
            "target": {"task": "shelves", "test_examples": 8, "steps": 5, "examples": 20, "candidates": 3},
            "tasks": {
                "shelves": {
                    "description": "Name the shelf of a parcel.",
                    "program": {"use": "shelves.py:run", "inputs": ["parcel"]},
                    "texts": TEXTS,
                    "answer": {"type": "label", "labels": list(_SHELVES)},
                    "data": {split: f"{split}.jsonl" for split in ("train", "dev", "test")},
                }
            },
            "search": {"operators": ["reflection", "merge", "all_texts"], "restart_with_seeds": False},
            "models": dict.fromkeys(("scorer", "reference"), model),
        }
    )
    return with_functions(config, folder)


def reply(request: ModelRequest) -> str:
    """Answer the program's requests, the better the more of some words a text has; write such texts."""
    text = request.messages[-1].text
    digest = hashlib.sha256(f"{text}/{request.sample}".encode()).digest()
    if "<instruction>" in text:
        return f"<instruction>{_written(text, digest)}</instruction>"
    number = int(re.findall(r"\d+", text)[-1])
    good = sum(word in text.rpartition("\n")[0] for word in _WORDS)
    known = number % 6 <= good
    if "parcel" in text:
        return f"row {number if known else number + 1}"
    return _SHELVES[(number + (not known)) % len(_SHELVES)]


def _written(text: str, digest: bytes) -> str:
    words = " and ".join(_WORDS[byte % len(_WORDS)] for byte in digest[:3])
    texts = {"retrieve": f"Find the row by its {words}.", "answer": f"Say what its {words} mean."}
    part = re.search(r'the one named "(\w+)"', text)
    return texts[part[1]] if part else "\n\n".join(f"[[{name}]]\n{own}" for name, own in texts.items())


async def search(folder: Path) -> Path:
    """Make the run in `folder`; return its log. The model answers in this process, so no server is asked."""
    config = system_config(folder)
    model = PooledModel(ScriptedModel(reply, scores_options=False), 8)
    programs = PooledModel(ProgramModel(load_programs(config.programs), {}), 8)
    pool = ModelPool({"scorer": model, "reference": model, PROGRAMS: programs})
    log = await EventLog.open(folder / "log.db")
    try:
        engine = RunEngine(await host_for(config.search_settings()))
        await LiveRun(log, RUN, engine, pool, lambda _event: None).start(opening(config, folder, pool))
    finally:
        await log.close()
    return folder / "log.db"


@cache
def system_log() -> Path:
    """Return the log of one such run, made once per test process. Nothing may be appended to it."""
    return asyncio.run(search(Path(mkdtemp(prefix="shelves-"))))
