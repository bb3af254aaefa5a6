"""The arms of this project, through its command line: `tp run` on a configuration, then `tp best`."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common import Order, main

HELD_OUT = 80
"""Training examples reserved for the final comparison. The proposals use the others."""
CONFIG = """
name = "arm"
seed = {seed}

{source}
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
_SOURCE = """
[source]
tasks = {tasks}
steps = 10000
patience = 10000
examples = {dev}
tokens = {tokens}
"""
_SOURCE_SHARE = 1 / 4
"""TimeShare of the tokens for the source tasks. They teach only what the target has in common with them."""
_TOKENS_PER_CALL = 180
"""Task model tokens of a call on this task, by which the final comparison of two prompts is reserved."""


def from_scratch(order: Order) -> tuple[str, float | None]:
    """Run only the target stage with its defaults, from the same seed prompts, until the budget is spent."""
    return search(order, "", order.tokens)


def with_transfer(order: Order) -> tuple[str, float | None]:
    """Run a source stage on the landscape's source tasks first, within the same budget."""
    share = round(order.tokens * _SOURCE_SHARE)
    names = [source["name"] for source in order.sources]
    source = _SOURCE.format(tasks=json.dumps(names), dev=len(order.dev), tokens=share)
    return search(order, source, order.tokens - share)


def search(order: Order, source: str, tokens: int) -> tuple[str, float | None]:
    """Run the configuration with the table `source` and `tokens` for the target stage and the verdict."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        train = order.train
        splits = {"train": train[HELD_OUT:], "dev": order.dev, "test": train[:HELD_OUT]}
        write_task(order, folder / "desk", order.prompts, splits)
        for one in order.sources:
            # A task has held-out examples, although those of a source are asked by nobody.
            splits = {"train": one["train"][1:], "dev": one["dev"], "test": one["train"][:1]}
            write_task(order, folder / one["name"], one["prompts"], splits)
        config = CONFIG.format(
            seed=order.seed,
            source=source,
            dev=len(order.dev),
            tokens=tokens - 2 * HELD_OUT * _TOKENS_PER_CALL,
            held_out=HELD_OUT,
            url=order.url,
            slots=order.slots,
        )
        (folder / "arm.toml").write_text(config, encoding="utf-8")
        call(folder, "run", "arm.toml", "--log", "arm.db", "--display", "none")
        return outcome(json.loads(call(folder, "best", "--log", "arm.db", "--json")))


def outcome(verdict: dict[str, Any]) -> tuple[str, float | None]:
    """Return the prompt of the verdict, and its accuracy on held-out examples if it was compared."""
    kept, side = ("best", "best") if verdict["improved"] else ("initial", "other")
    measured = [one[side] for one in verdict["comparisons"] if one["measure"] == "metric"]
    return verdict[kept]["text"], measured[0] if measured else None


def write_task(
    order: Order, folder: Path, prompts: list[str], splits: dict[str, list[dict[str, str]]]
) -> None:
    """Write the files of a task. All tasks of an order have the same description and labels."""
    folder.mkdir()
    (folder / "task.toml").write_text(
        f"description = {json.dumps(order.description)}\n"
        f"initial_prompts = {json.dumps(prompts)}\n"
        f'answer = {{ type = "label", labels = {json.dumps(order.labels)} }}\n'
        'data = { train = "train.jsonl", dev = "dev.jsonl", test = "test.jsonl" }\n',
        encoding="utf-8",
    )
    for split, rows in splits.items():
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")


def call(folder: Path, *arguments: str) -> str:
    """Run `tp` and return its output."""
    program = "from transfer_prompting.orchestration.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    arms = {"Transfer-Prompting": from_scratch, "Transfer-Prompting (transfer)": with_transfer}
    main(arms, ["transfer-prompting"])
