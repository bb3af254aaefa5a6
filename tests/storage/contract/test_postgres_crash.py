"""A killed writer of a log in PostgreSQL."""

import signal
import subprocess
import sys

import pytest
from log_stores import PostgresStore, draft

from transfer_prompting.storage.event import Draft

CRASH = """
import sys
from transfer_prompting.storage import crash_points
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
place, point = sys.argv[1:]
def draft(n):
    return Draft("run-k", f"run-k/{n}", "k", 1, "a/b", (), None, b"{}")
log = EventLog(place, lambda: 1)
log.submit([draft(1)]).result()
print("acknowledged", flush=True)
crash_points.arm(point)
log.submit([draft(2), draft(3)]).result()
"""


@pytest.mark.parametrize(
    ("point", "left"), [("before-begin", 1), ("after-begin", 1), ("after-insert", 1), ("after-commit", 3)]
)
def test_killed_writer(server: PostgresStore, point: str, left: int) -> None:
    """A killed writer loses no acknowledged event and leaves whole batches, no gap and no lock."""
    with server.writing() as log:
        log.submit([draft(1)]).result()
        ended = subprocess.run(
            [sys.executable, "-c", CRASH, str(server.place), point], capture_output=True, text=True
        )
        assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "acknowledged\n"), ended.stderr
        assert server.verify("run-k") == left
        again = [Draft("run-k", f"run-k/{n}", "k", 1, "a/b", (), None, b"{}") for n in (1, 2, 3)]
        assert [e.version for e in log.submit(again).result()] == [1, 2, 3]
        log.submit([draft(2)]).result()
    assert server.verify("run-k") == 3
    assert server.verify() == 2
