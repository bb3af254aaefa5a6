"""Runs whose responses are judged, and a model that judges them."""

import hashlib
from pathlib import Path
from typing import Any

from response_judging import text_of
from tiny_runs import reply_by_hash, tiny_config

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import Task

JUDGE = {"use": "judge", "dimensions": ["quality", "style"], "samples": 2}


def is_judging(request: ModelRequest) -> bool:
    """Return whether a request asks for a judgement of a response."""
    return "<given_response>" in text_of(request)


def reply(request: ModelRequest) -> str:
    """Judge responses, sometimes so that nothing can be read, and answer other requests as expected."""
    if not is_judging(request):
        return reply_by_hash(request)
    text = text_of(request)
    if hashlib.sha256(text.encode()).digest()[0] % 12 == 0:
        return "Hard to say."
    digest = hashlib.sha256(f"{text}/{request.sample}".encode()).digest()[0]
    return f"Score: {1 + digest % 5}\nReason: Rule {digest}." if digest % 6 else "Let me think."


def judged(task: Task) -> Task:
    """Return a task whose main metric is the judge."""
    metrics = tuple(map(MetricSettings.model_validate, (JUDGE, "exact")))
    return task.model_copy(update={"metrics": metrics})


def judged_responses_config(folder: Path, **more: Any) -> Config:
    """Return the tiny run with a model for the judge."""
    config = tiny_config(folder, **more)
    return config.changed({"models": {**dict(config.models), "judge": config.models.scorer}})
