"""This project's own arm, through its command line: `tp run` on a configuration, then `tp best`."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common import Order, main

_HELD_OUT = 60
"""How many of the training examples the final comparison has for itself; the rest serve the proposals."""
_CONFIG = """
name = "arm"
seed = {seed}

[target]
task = "desk"
steps = 10000
patience = 10000
examples = {dev}
tokens = {tokens}
test_examples = {held_out}

[search]
seed_prompts = false

[models.scorer]
provider = "openai"
model = "task"
base_url = "{url}"
concurrency = {slots}

[models.reference]
provider = "openai"
model = "proposer"
base_url = "{url}"
concurrency = {slots}
"""
_TOKENS_PER_CALL = 240
"""Of the task model, on this task: what is set aside for the final comparison of two prompts."""


def transfer_prompting(order: Order) -> tuple[str, float | None]:
    """The target stage alone with its defaults, from the same seed prompts, until the budget is used up."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_task(order, folder / "desk")
        config = _CONFIG.format(
            seed=order.seed,
            dev=len(order.dev),
            tokens=order.tokens - 2 * _HELD_OUT * _TOKENS_PER_CALL,
            held_out=_HELD_OUT,
            url=order.url,
            slots=order.slots,
        )
        (folder / "arm.toml").write_text(config, encoding="utf-8")
        call(folder, "run", "arm.toml", "--log", "arm.db", "--display", "none")
        return outcome(json.loads(call(folder, "best", "--log", "arm.db", "--json")))


def outcome(verdict: dict[str, Any]) -> tuple[str, float | None]:
    """The prompt that the run stands by, and its accuracy on the held-out examples where it was compared."""
    kept, side = ("best", "best") if verdict["improved"] else ("initial", "other")
    measured = [one[side] for one in verdict["comparisons"] if one["measure"] == "accuracy"]
    return verdict[kept]["text"], measured[0] if measured else None


def write_task(order: Order, folder: Path) -> None:
    """The task's files: the held-out examples are taken from the training ones."""
    folder.mkdir()
    (folder / "task.toml").write_text(
        f"description = {json.dumps(order.description)}\n"
        f"initial_prompts = {json.dumps(order.prompts)}\n"
        f'answer = {{ type = "label", labels = {json.dumps(order.labels)} }}\n'
        'data = { train = "train.jsonl", dev = "dev.jsonl", test = "test.jsonl" }\n',
        encoding="utf-8",
    )
    splits = {"train": order.train[_HELD_OUT:], "dev": order.dev, "test": order.train[:_HELD_OUT]}
    for split, rows in splits.items():
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")


def call(folder: Path, *arguments: str) -> str:
    """Run `tp`; its output."""
    program = "from transfer_prompting.orchestration.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    main({"Transfer-Prompting": transfer_prompting}, ["transfer-prompting"])
