"""Runs whose prompts are judged, and a model that judges."""

import hashlib
from pathlib import Path
from typing import Any

from tiny_runs import (
    reply_by_hash,
    tiny_config,
)

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.config.settings import Config

WORDING = {"dimensions": ["clarity", "harmlessness"], "samples": 2}


WEIGHTS = {"accuracy": 0.5, "ifr": 0.2, "clarity": 0.3}


def reply(request: ModelRequest) -> str:
    """Answer the judge's requests with a score, sometimes an unreadable one, and the others as expected."""
    text = request.messages[-1].text
    if "Score:" not in text:
        return reply_by_hash(request)
    digest = hashlib.sha256(f"{text}/{request.sample}".encode()).digest()[0]
    return f"Score: {1 + digest % 5}" if digest % 7 else "Hard to say."


def judged_config(folder: Path, **search: Any) -> Config:
    """Return the tiny run with a wording judge whose score has some weight."""
    return tiny_config(folder, wording=WORDING, objective="composite", weights=WEIGHTS, **search)
