"""A log has one writer, even if four processes open it at the same moment."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from forked_programs import Forked
from log_making import child, draft, events, said, write

TRY = """
import sys
from pathlib import Path
from transfer_prompting.storage.errors import LogBusy
from transfer_prompting.storage.log import EventLog
log = None
print("ready", flush=True)
for _ in sys.stdin:
    try:
        log = log or EventLog(Path(sys.argv[1]), lambda: 1)
        print("holds", flush=True)
    except LogBusy as refused:
        print(refused.pid, flush=True)
"""


@contextmanager
def _four(path: Path) -> Iterator[list[Forked]]:
    with ExitStack() as stack:
        processes = [stack.enter_context(child(TRY, path)) for _ in range(4)]
        for process in processes:
            assert said(process) == "ready"
        yield processes


def _try(processes: list[Forked]) -> list[str]:
    """Let all processes try at the same time, and return the output of each."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [said(process) for process in processes]


def test_four_processes_want_one_log(tmp_path: Path) -> None:
    """One of four processes gets the log, the others learn its pid, and one follows when it is killed."""
    path = tmp_path / "log.db"
    with _four(path) as processes:
        while processes:
            # A loser may read the lock file before the winner has written its pid.
            first = _try(processes)
            assert first.count("holds") == 1
            winner = processes.pop(first.index("holds"))
            assert _try(processes) == [str(winner.pid)] * len(processes)
            winner.kill()
            winner.wait()
    write(path, draft(1))
    assert len(events(path)) == 1
