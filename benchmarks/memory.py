"""Measure the memory that a run needs for many rows and for long replies.

    python benchmarks/memory.py

A scripted model answers a task whose prompt is improved, so that the final comparison asks two prompts about
the held-out rows. Each run has a process of its own, and the output is the peak of its resident size.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.runtime.own_parts import OwnParts

PLANS = [(2_000, 20, 100), (2_000, 50, 1_000_000), (2_000, 200, 1_000_000), (44_000, 8_000, 100)]
"""Rows of the task, those held out, and characters of a reply."""
WORDS = "a harbour keeps its ledgers in order and every crate is weighed before the tide turns "


def main() -> None:
    """Print a row for each plan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--one", type=int, nargs=3, help=argparse.SUPPRESS)
    one = parser.parse_args().one
    if one:
        asyncio.run(_run(*one))
        return
    print("| rows | held out | characters of a reply | replies | their text, MB | peak, MB |")
    print("|---|---|---|---|---|---|")
    for plan in PLANS:
        command = [sys.executable, __file__, "--one", *map(str, plan)]
        found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        rows, held_out, characters = plan
        text = found["replies"] * characters / 1e6
        print(
            f"| {rows:,} | {held_out:,} | {characters:,} | {found['replies']:,} | {text:,.0f} "
            f"| {found['peak']:,.0f} |",
            flush=True,
        )


async def _run(rows: int, held_out: int, characters: int) -> None:
    model = ScriptedModel(lambda request: _answer(request, characters))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "rows.jsonl", rows)
        config = _config(held_out)
        own = OwnParts(models=dict.fromkeys(("scorer", "reference"), model))
        await lifecycle.start(config, folder, folder / "log.db", lambda _event: None, own=own)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"replies": model.calls, "peak": peak}))


def _write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            text = f"Crate {number} {'of spices ' * (number % 40)}came in at berth {number * 7919 % rows}."
            file.write(json.dumps({"question": text, "answer": ("yes", "no")[number % 2]}) + "\n")


def _answer(request: ModelRequest, characters: int) -> str:
    """Give the first answer to most rows, and the right one to more of them if the prompt was extended."""
    asked = request.messages[-1].text
    number = int(asked.rpartition("Crate ")[2].partition(" ")[0])
    extended = len(" ".join(message.text for message in request.messages)) > len(asked) + 60
    right = ("yes", "no")[number % 2]
    said = right if number % (5 if extended else 3) else "no"
    filler = WORDS * (characters // len(WORDS))
    return f"{filler}\nAnswer: {said}"


def _config(held_out: int) -> Config:
    model = {"provider": "openai", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
    return Config.model_validate(
        {
            "name": "memory",
            "target": {"task": "rows", "steps": 2, "examples": 30, "test_examples": held_out},
            "search": {"answer": "stated", "operators": ["extend"], "seed_prompts": False},
            "models": {"scorer": model, "reference": model},
            "tasks": {
                "rows": {
                    "description": "Say whether a crate was weighed.",
                    "initial_prompts": ["Was it weighed?"],
                    "answer": {"type": "label", "labels": ["yes", "no"]},
                    "data": {"all": "rows.jsonl"},
                }
            },
        }
    )


if __name__ == "__main__":
    main()
