"""A writer killed in the middle of its work."""

from pathlib import Path

import pytest
from log_making import child, draft, said, write

from transfer_prompting.storage.sqlite.reader import LogReader

APPEND = """
import sys, threading
from pathlib import Path
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
log = EventLog(Path(sys.argv[1]), lambda: 1)
def tell(done):
    for event in done.result():
        sys.stdout.write(f"{event.seq} {event.id}\\n")
    sys.stdout.flush()
room = threading.Semaphore(64)
for number in range(10**9):
    room.acquire()
    batch = [Draft("run-a", f"id-{number}-{i}", "k", 1, "a/b", (), None, b"{}" * 50) for i in range(3)]
    waiting = log.submit(batch)
    waiting.add_done_callback(tell)
    waiting.add_done_callback(lambda done: room.release())
"""


@pytest.mark.parametrize("lines", [1, 100, 1000])
def test_kill_loses_nothing_acknowledged(tmp_path: Path, lines: int) -> None:
    """After SIGKILL no acknowledged event is lost, batches are whole, and the log can be continued."""
    path = tmp_path / "log.db"
    with child(APPEND, path) as writer:
        told = [said(writer) for _ in range(lines)]
        writer.kill()
        # The last line may be cut off by the kill.
        rest = writer.stdout.read().splitlines(keepends=True)
        told += [line.strip() for line in rest if line.endswith("\n")]
    with LogReader(path) as reader:
        there = {f"{e.seq} {e.id}" for e in reader.read("run-a")}
        assert set(told) <= there
        assert len(there) % 3 == 0
        assert reader.verify("run-a") == len(there)
    (event,) = write(path, draft(1))
    assert event.seq == len(there) + 1
    with LogReader(path) as reader:
        assert reader.verify("run-a") == len(there) + 1
