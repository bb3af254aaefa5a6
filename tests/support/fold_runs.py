"""Cross-validations in miniature: a small task in one file, and a scripted model for all roles."""

import hashlib
import json
from pathlib import Path

import pytest
from tiny_runs import Answer, reply_by_hash, scripted

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel

ROWS = 31
CONFIG = """
name = "small"
[target]
task = "parity"
steps = 2
candidates = 3
examples = 12
test_examples = 2
[search]
seed_prompts = false
operators = ["extend", "history"]
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
[tasks.parity]
description = "Say whether a number is even."
initial_prompts = ["Even or odd?"]
answer = { type = "label", labels = ["yes", "no"] }
data = { all = "rows.jsonl" }
"""


def write_folder(folder: Path, config: str = CONFIG, rows: int = ROWS) -> Path:
    """Write a configuration with its data into `folder`; return the configuration."""
    lines = [
        json.dumps({"question": f"Is {n} even?", "answer": "no" if n % 2 else "yes"}) for n in range(rows)
    ]
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n")
    path = folder / "c.toml"
    path.write_text(config)
    return path


def reply_by_rule(request: ModelRequest) -> str:
    """Answer as `reply_by_hash` does, but rightly in nine of ten cases to a prompt that has a rule."""
    text = request.messages[-1].text
    number = text.partition("Is ")[2].partition(" even?")[0]
    if "<instruction>" in text or "rule" not in text or not number.isdecimal():
        return reply_by_hash(request)
    right = hashlib.sha256(text.encode()).digest()[0] % 10 > 0
    return f"Answer: {'yes' if (int(number) % 2 == 0) == right else 'no'}\nConfidence: 90"


def use_model(
    monkeypatch: pytest.MonkeyPatch, answer: Answer = reply_by_rule, identity: str = "scripted"
) -> ScriptedModel:
    """Make the scripted model that of all roles, and return it."""
    model = scripted(answer, identity=identity)
    place = "transfer_prompting.orchestration.runtime.assembly.build_model"
    monkeypatch.setattr(place, lambda _settings: model)
    return model
