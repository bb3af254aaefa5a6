"""The arm of this project on a program, through its command line: `tp run`, then `tp best`."""

import json
from pathlib import Path
from typing import Any

from common import main
from program_common import ProgramOrder
from with_transfer_prompting import CONFIG, call

from transfer_prompting.prompts.named_texts import split_texts

_TASK = """
[tasks.desk]
description = {description}
program = {{ use = "desk_program.py:run", inputs = ["message", "envelope"] }}
answer = {{ type = "label", labels = {labels} }}
data = {{ train = "train.jsonl", dev = "dev.jsonl", test = "test.jsonl" }}
texts = {{ retrieve = {retrieve}, answer = {answer} }}
"""
HELD_OUT = 60
"""Training examples reserved for the final comparison. The proposals use the others."""
_TOKENS_PER_EXECUTION = 250
"""Task model tokens of an execution, by which the final comparison of two prompts is reserved."""


def search(order: ProgramOrder) -> tuple[dict[str, str], float | None]:
    """Run a search with the defaults until the budget is spent."""
    train = order.train
    splits = {"train": train[HELD_OUT:], "dev": order.dev, "test": train[:HELD_OUT]}
    for split, rows in splits.items():
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        Path(f"{split}.jsonl").write_text(lines, encoding="utf-8")
    config = (CONFIG + _TASK).format(
        source="",
        seed=order.seed,
        dev=len(order.dev),
        tokens=order.tokens - 2 * HELD_OUT * _TOKENS_PER_EXECUTION,
        held_out=HELD_OUT,
        url=order.url,
        slots=order.slots,
        description=json.dumps(order.description),
        labels=json.dumps(order.labels),
        retrieve=json.dumps(order.texts["retrieve"]),
        answer=json.dumps(order.texts["answer"]),
    )
    folder = Path()
    (folder / "arm.toml").write_text(config, encoding="utf-8")
    call(folder, "run", "arm.toml", "--log", "arm.db", "--display", "none")

    return outcome(json.loads(call(folder, "best", "--log", "arm.db", "--json")))


def outcome(verdict: dict[str, Any]) -> tuple[dict[str, str], float | None]:
    """Return the texts of the verdict, and their accuracy on held-out examples if it was compared."""
    kept, side = ("best", "best") if verdict["improved"] else ("initial", "other")
    measured = [one[side] for one in verdict["comparisons"] if one["measure"] == "metric"]
    texts = split_texts(verdict[kept]["text"], ("retrieve", "answer"))
    assert texts is not None
    return texts, measured[0] if measured else None


if __name__ == "__main__":
    main({"Transfer-Prompting": search}, ["transfer-prompting"], ProgramOrder)
