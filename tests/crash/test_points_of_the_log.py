"""A writer dies at each crash point of an append: around the transaction and at the head anchor."""

from pathlib import Path
from signal import SIGKILL

import pytest
from log_making import child, draft, write

from transfer_prompting.storage.crash_points import POINTS
from transfer_prompting.storage.sqlite.reader import LogReader

BATCH = 3
APPEND = """
import sys, threading
from pathlib import Path
from transfer_prompting.storage.crash_points import arm
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
log = EventLog(Path(sys.argv[1]), lambda: 1)
arm(sys.argv[2], int(sys.argv[3]))
room = threading.Semaphore(int(sys.argv[4]))
def tell(done):
    sys.stdout.write("".join(f"{event.seq} {event.id}\\n" for event in done.result()))
    sys.stdout.flush()
    room.release()
for number in range(10**6):
    room.acquire()
    batch = [Draft("run-a", f"id-{number}-{i}", "k", 1, "a/b", (), None, b"{}" * 50) for i in range(3)]
    log.submit(batch).add_done_callback(tell)
"""
UNTOLD = {"after-commit": {BATCH}, "before-head": {0, BATCH}, "after-head": {0, BATCH}}
"""Number of events that may be stored but not acknowledged if one batch is written at a time."""


def _die(path: Path, *how: object) -> list[str]:
    """Append until the armed point kills the process, and return the acknowledged events."""
    with child(APPEND, path, *how) as writer:
        out, errors = writer.communicate()
        assert writer.returncode == -SIGKILL, errors
    # The last line may be cut off by the kill.
    return [line.strip() for line in out.splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.parametrize("waiting", [1, 16])
@pytest.mark.parametrize("point", [point for point in POINTS if not point.endswith("call")])
def test_death_at_a_point(tmp_path: Path, point: str, visit: int, waiting: int) -> None:
    """No acknowledged event is lost, batches are whole, the chain is valid, the next writer continues."""
    path = tmp_path / "log.db"
    told = _die(path, point, visit, waiting)
    with LogReader(path) as reader:
        there = [f"{event.seq} {event.id}" for event in reader.read("run-a")]
        assert reader.verify("run-a") == len(there)
    assert told == there[: len(told)]
    assert len(there) % BATCH == 0
    if waiting == 1:
        # Before COMMIT no event of the batch is stored; after it every one is, acknowledged or not.
        assert len(there) - len(told) in UNTOLD.get(point, {0})
    (event,) = write(path, draft(1))
    assert event.seq == len(there) + 1
    with LogReader(path) as reader:
        assert reader.verify("run-a") == len(there) + 1
