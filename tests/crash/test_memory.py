"""A long run takes no more memory than a short one."""

import json
from pathlib import Path

from log_making import child, said

MOST = 100  # MiB
GROW = """
import json, resource, sys
from pathlib import Path
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.reader import LogReader
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
def drafts(run, first):
    numbers = range(first, first + 500)
    return [Draft(run, f"{run}/{n}", "k", 1, "a/b", ("c/d",), None, b"x" * 1000) for n in numbers]
path, runs = Path(sys.argv[1]), ["run-a", "run-b", "run-c", "run-d"]
log = EventLog(path, lambda: 1)
log.submit(drafts("warm-up", 0)).result()
before = peak()
for first in range(0, int(sys.argv[2]) // len(runs), 500):
    for run in runs:
        log.submit(drafts(run, first)).result()
written = peak()
with LogReader(path) as reader:
    read = sum(1 for run in runs for event in reader.read(run))
    assert sum(map(reader.verify, runs)) == read
print(json.dumps([read, written - before, peak() - before]), flush=True)
"""


def test_a_hundred_thousand_events(tmp_path: Path) -> None:
    """Writing, reading and verifying 100,000 events of 1 kB adds less than their own size to the memory."""
    with child(GROW, tmp_path / "log.db", 100_000) as process:
        count, written, read = json.loads(said(process))
    assert count == 100_000
    assert written < MOST / 2
    assert read < MOST
