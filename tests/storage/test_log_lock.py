"""A log has one writer at a time."""

import os
from pathlib import Path

import pytest
from log_making import child, draft, events, open_log, said, write, writing

from transfer_prompting.storage.errors import LogBusy
from transfer_prompting.storage.sqlite.lock import WriterLock

HOLD = """
import sys
from pathlib import Path
from transfer_prompting.storage.log import EventLog
log = EventLog(Path(sys.argv[1]), lambda: 1)
print("held", flush=True)
sys.stdin.read()
"""


def test_second_process_is_refused(tmp_path: Path) -> None:
    """A second writer is refused immediately; the error names the log, the holder's pid and a remedy."""
    path = tmp_path / "log.db"
    with child(HOLD, path) as holder:
        assert said(holder) == "held"
        with pytest.raises(LogBusy) as refused:
            open_log(path)
        assert refused.value.pid == holder.pid
        for part in (str(path), f"process {holder.pid}", "tp watch", "--log"):
            assert part in str(refused.value)


def test_killed_writer_frees_the_lock(tmp_path: Path) -> None:
    """After the holder is killed, the next writer gets the lock without a clean-up."""
    path = tmp_path / "log.db"
    with child(HOLD, path) as holder:
        assert said(holder) == "held"
        holder.kill()
        holder.wait()
        write(path, draft(1))
    assert len(events(path)) == 1


def test_second_writer_in_one_process(tmp_path: Path) -> None:
    """The lock also excludes a second writer in the same process."""
    path = tmp_path / "log.db"
    with writing(path), pytest.raises(LogBusy, match=f"process {os.getpid()}"):
        open_log(path)
    write(path, draft(1))


def test_refused_writer_leaves_the_holder_alone(tmp_path: Path) -> None:
    """A refused writer leaves the lock and the pid of its holder unchanged."""
    path = tmp_path / "log.db"
    with writing(path) as log:
        for _ in range(2):
            with pytest.raises(LogBusy, match=f"process {os.getpid()}"):
                open_log(path)
        assert log.submit([draft(1)]).result()


def test_holder_without_a_pid(tmp_path: Path) -> None:
    """A holder that has not written its pid yet is reported as another process."""
    lock = WriterLock(tmp_path / "log.db")
    lock.acquire()
    (tmp_path / "log.db.lock").write_text("")
    with pytest.raises(LogBusy, match="by another process") as refused:
        WriterLock(tmp_path / "log.db").acquire()
    assert refused.value.pid is None
    lock.release()
    lock.release()


def test_locks_of_two_logs(tmp_path: Path) -> None:
    """Two logs in one folder can be written at the same time."""
    with writing(tmp_path / "a.db") as one, writing(tmp_path / "b.db") as other:
        assert one.submit([draft(1)]).result() == other.submit([draft(1)]).result()
