"""Memory use does not depend on the length of a log."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EVENTS = 60_000
MOST = 4  # MiB; a list of the events would take forty, a set of their ids six
GROW = """
import asyncio, json, resource, sys
from pathlib import Path
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def write(run, count):
    for first in range(0, count, 500):
        numbers = range(first, first + 500)
        log.submit(
            [Draft(run, f"{run}/{n}", "k", 1, "a/b", ("c/d",), None, b"x" * 300) for n in numbers]
        ).result()
def read(run, count):
    with LogReader(path) as reader:
        assert sum(1 for event in reader.read(run)) == count
def verify(run, count):
    with LogReader(path) as reader:
        assert reader.verify(run) == count
def follow(run, count):
    async def watch():
        with LogReader(path) as reader:
            async for event in reader.follow(run, poll=0):
                if event.version == count:
                    return
    asyncio.run(watch())
path, count = Path(sys.argv[1]), int(sys.argv[2])
log = EventLog(path, lambda: 1)
uses = [write, read, verify, follow]
for use in uses:
    use("short", 2000)
grown = {}
for use in uses:
    before = peak()
    use("long", count)
    grown[use.__name__] = round(peak() - before, 1)
print(json.dumps(grown), flush=True)
"""


def test_sixty_thousand_events(tmp_path: Path) -> None:
    """Writing, reading, verifying or following 60,000 events needs no more memory than 2,000."""
    # In an interpreter of its own, which has freed no memory that could hide what the uses need.
    command = [sys.executable, "-c", GROW, str(tmp_path / "log.db"), str(EVENTS)]
    grown = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    assert grown == {use: pytest.approx(0, abs=MOST) for use in ("write", "read", "verify", "follow")}
