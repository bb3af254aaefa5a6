"""Record what this version writes, so that later versions are tested against it.

    python tests/support/record_frozen.py

It adds the shapes and samples of message kinds (and of their new schemas) that are not recorded yet, and the
tiny run if there is none. Nothing that is recorded changes, because it is what a released version wrote.
"""

import asyncio
import gzip
import json
import tempfile
from contextlib import chdir
from pathlib import Path
from unittest.mock import patch

from frozen_logs import FROZEN, RUN, SHAPES, export_run, samples, shape, shapes
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from job_server import answering, prepare_job
from message_making import messages
from openai_serving import serving
from tiny_runs import begin, scripted, tiny_config

from transfer_prompting.agents.messages import Message
from transfer_prompting.agents.messages.codec import KINDS, encode
from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.runtime import lifecycle

JOBS = ("05b_judged_summaries", "09_own_metric", "10_messages")
"""Examples of which a whole run is recorded in v3."""
VERSION = "v1"
"""Folder of the version that is written."""


def main() -> None:
    """Add what is missing."""
    folder = FROZEN / VERSION
    folder.mkdir(exist_ok=True)
    record_shapes()
    record_samples(folder / "messages.jsonl")
    if not (folder / "run.jsonl").exists():
        record_run(folder / "run.jsonl")
    for job in JOBS:
        path = FROZEN / "v3" / f"{job}.jsonl.gz"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(gzip.compress(asyncio.run(record_job(job)).encode(), mtime=0))


def record_shapes() -> None:
    """Record the shape of every kind in its present schema."""
    known = shapes()
    for kind, cls in KINDS.items():
        known.setdefault(kind, {}).setdefault(str(cls.SCHEMA), shape(cls))
    SHAPES.write_text(json.dumps(known, indent=1) + "\n")


def record_samples(path: Path) -> None:
    """Record two messages of every kind."""
    there = {(event.kind, event.schema) for event in samples(VERSION)}
    missing = [cls for kind, cls in KINDS.items() if (kind, cls.SCHEMA) not in there]
    with path.open("a") as file:
        for cls in missing:
            for data in _wordiest(cls, 2):
                file.write(json.dumps({"kind": _kind(cls), "schema": cls.SCHEMA, "data": data}) + "\n")


def record_run(path: Path) -> None:
    """Record all rows of a whole tiny run with races."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = tiny_config(folder, examples=16)
        asyncio.run(begin(config, folder, scripted()))
        path.write_text("".join(line + "\n" for line in export_run(folder / "log.db", RUN)))


async def record_job(job: str) -> str:
    """Return all rows of an ordinary job: its request, its metric or its judge are the task's own."""
    with tempfile.TemporaryDirectory() as name, chdir(name):
        async with serving() as endpoint:
            answering(endpoint, job)
            config = read_config(prepare_job(job, Path(), endpoint.url))
            with patch.object(lifecycle, "new_run_name", return_value=RUN):
                await lifecycle.start(config, Path(), Path("log.db"), lambda _: None)
        return "".join(line + "\n" for line in export_run(Path("log.db"), RUN))


def _kind(cls: type[Message]) -> str:
    return str(cls.model_fields["kind"].default)


def _wordiest(cls: type[Message], count: int) -> list[str]:
    """Return the longest of fifty arbitrary messages, in which most fields have a value."""
    drawn: set[str] = set()

    @seed(1)
    @settings(max_examples=50, database=None, deadline=None)
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        drawn.add(encode(data.draw(messages(cls))).decode())

    draw()
    return sorted(drawn, key=lambda text: (-len(text), text))[:count]


if __name__ == "__main__":
    main()
