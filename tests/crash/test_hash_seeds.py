"""A run does not depend on Python's hash seed, and a replay needs nothing but the log."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from carried_runs import small_config
from child_processes import child_environment
from log_making import names
from tiny_runs import begin, read, reenact, scripted

from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event

AGAIN = """
import asyncio, sys
from pathlib import Path
from carried_runs import small_config
from tiny_runs import begin, reenact, scripted
folder, other = Path(sys.argv[1]), Path(sys.argv[2])
asyncio.run(begin(small_config(folder), folder, scripted()))
print(asyncio.run(reenact(other)))
"""


def _bytes(events: list[Event]) -> list[tuple[object, ...]]:
    """Return the stored values without those of a clock: `at`, the latency of a reply, and thus the hash."""
    return [
        (e.seq, e.run, e.version, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, _timeless(e))
        for e in events
    ]


def _timeless(event: Event) -> bytes:
    return re.sub(rb'"latency":[0-9.e-]+', b'"latency":0', event.data)


def _again(folder: Path, seed: int) -> subprocess.Popen[str]:
    """Run the same configuration in another interpreter, and replay the run of this one there."""
    (folder / str(seed)).mkdir()
    command = [sys.executable, "-c", AGAIN, str(folder / str(seed)), str(folder / "here")]
    environment = child_environment(PYTHONHASHSEED=str(seed))
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


async def test_hash_seeds_change_nothing(tmp_path: Path) -> None:
    """Four hash seeds give the same log to the byte, apart from clocks, and replay a log of this process."""
    (tmp_path / "here").mkdir()
    here = await begin(small_config(tmp_path / "here"), tmp_path / "here", scripted())
    children = [_again(tmp_path, seed) for seed in range(4)]
    for seed, process in enumerate(children):
        out, _ = process.communicate()
        assert json.loads(out) == len(here)
        assert _bytes(read(tmp_path / str(seed))) == _bytes(here)


async def test_replay_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay builds no model, opens no connection, and leaves the log and its folder as they were."""
    events = await begin(small_config(tmp_path), tmp_path, scripted())
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path) if name.startswith("log.db")}

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a replay must not ask anybody")

    monkeypatch.setattr(lifecycle, "models_for", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert await reenact(tmp_path) == len(events)
    after = {name: (tmp_path / name).read_bytes() for name in names(tmp_path) if name.startswith("log.db")}
    assert after == before
