"""A log has one name, one lock and one writer, whatever way leads to its file."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from log_making import draft, events, names, open_log, write, writing

from transfer_prompting.storage.errors import LogBusy, LogUnreadable
from transfer_prompting.storage.head import read_head
from transfer_prompting.storage.redaction import blank
from transfer_prompting.storage.sqlite.lock import WriterLock
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a log with one event, in a folder of its own."""
    path = tmp_path / "real" / "log.db"
    write(path, draft(1))
    return path


@pytest.fixture
def link(path: Path, tmp_path: Path) -> Path:
    """A symbolic link to the log, in another folder and with another name."""
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "alias.db"
    link.symlink_to(path)
    return link


def test_a_link_has_the_lock_of_its_log(path: Path, link: Path) -> None:
    """A second writer is refused under a symbolic link, and the other way round."""
    with writing(path), pytest.raises(LogBusy):
        open_log(link)
    with writing(link), pytest.raises(LogBusy):
        open_log(path)


def test_files_of_a_link_are_those_of_its_log(path: Path, link: Path) -> None:
    """Lock, anchor and write-ahead log stand next to the file, not next to a link to it."""
    with writing(link) as log:
        log.submit([draft(2)]).result()
        assert (
            [event.id for event in events(path)]
            == [event.id for event in events(link)]
            == ["run-a/1", "run-a/2"]
        )
    assert names(link.parent) == ["alias.db"]
    head = read_head(path)
    assert head is not None
    assert head.seq == 2


def test_a_linked_folder(path: Path, tmp_path: Path) -> None:
    """A folder that is a symbolic link leads to the same lock."""
    (tmp_path / "folder").symlink_to(path.parent)
    with writing(path), pytest.raises(LogBusy):
        open_log(tmp_path / "folder" / "log.db")


def test_a_link_to_no_file_yet(tmp_path: Path) -> None:
    """A log is created where a symbolic link points to."""
    (tmp_path / "link.db").symlink_to(tmp_path / "there" / "log.db")
    write(tmp_path / "link.db", draft(1))
    assert names(tmp_path / "there") == ["log.db", "log.db.head", "log.db.lock"]


def test_redaction_through_a_link_respects_the_writer(path: Path, link: Path) -> None:
    """A payload is not blanked through a link while the log is being written."""
    with writing(path), pytest.raises(LogBusy):
        blank(link, "run-a", 1)


def test_hard_links_are_refused(path: Path, tmp_path: Path) -> None:
    """Reader and writer refuse a file with two names under either, and say what to do."""
    other = tmp_path / "other.db"
    os.link(path, other)
    for name in (path, other):
        with pytest.raises(LogUnreadable, match=r"has 2 names \(hard links\).*copy"):
            LogReader(name)
        with pytest.raises(LogUnreadable, match=r"has 2 names \(hard links\).*copy"):
            open_log(name)
    other.unlink()
    assert len(events(path)) == 1


def test_file_systems_without_link_counts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose link count is 0, as some file systems report, is a log."""
    stat = os.stat

    def uncounted(name: os.PathLike[str] | str, **options: bool) -> os.stat_result:
        found = stat(name, **options)
        return os.stat_result((*found[:3], 0, *found[4:10]))

    monkeypatch.setattr("transfer_prompting.storage.sqlite.files.os.stat", uncounted)
    with LogReader(path) as reader:
        assert reader.verify("run-a") == 1


def test_a_removed_lock_does_not_admit_two_writers(path: Path) -> None:
    """If the lock is removed and a second writer comes, the first one stops with its next append."""
    with writing(path) as first:
        path.with_name("log.db.lock").unlink()
        with writing(path) as second:
            assert second.submit([draft(2)]).result()[0].seq == 2
            refused = first.submit([draft(3)]).exception()
            assert isinstance(refused, LogBusy)
        still = first.submit([draft(3)]).exception()
        assert isinstance(still, LogBusy)
    assert [event.id for event in events(path)] == ["run-a/1", "run-a/2"]


def test_a_removed_lock_is_taken_again(path: Path) -> None:
    """If the lock is removed and no second writer comes, the first one restores it and goes on."""
    with writing(path) as log:
        path.with_name("log.db.lock").unlink()
        assert log.submit([draft(2)]).result()[0].seq == 2
        with pytest.raises(LogBusy, match=f"process {os.getpid()}"):
            open_log(path)


def test_a_lock_removed_while_it_is_taken(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock whose file is removed before it is locked is taken again, as the file of that name."""
    flock, left = fcntl.flock, [1]

    def removing(fd: int, how: int) -> None:
        if left:
            left.pop()
            path.with_name("log.db.lock").unlink()
        flock(fd, how)

    monkeypatch.setattr("transfer_prompting.storage.sqlite.lock.fcntl.flock", removing)
    lock = WriterLock(path)
    lock.acquire()
    assert lock.is_held()
    lock.release()
    assert not lock.is_held()


def test_a_lock_that_is_removed_all_the_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock whose file never stays the same is given up, instead of being tried for ever."""
    monkeypatch.setattr("transfer_prompting.storage.sqlite.lock.os.path.samestat", lambda *_: False)
    with pytest.raises(LogUnreadable, match="replaced all the time"):
        WriterLock(path).acquire()


def test_a_log_that_is_replaced_while_written(path: Path) -> None:
    """A writer whose file was replaced says so, instead of writing where nobody reads."""
    with writing(path) as log:
        copy = path.with_name("copy.db")
        shutil.copy(path, copy)
        copy.replace(path)
        refused = log.submit([draft(2)]).exception()
    assert isinstance(refused, LogUnreadable)
    assert "removed or replaced" in str(refused)


def test_a_lock_that_is_a_link(path: Path) -> None:
    """A lock file that is a symbolic link is refused: it could be the lock of another log, or any file."""
    lock = path.with_name("log.db.lock")
    lock.unlink()
    lock.symlink_to(path)
    before = path.read_bytes()
    with pytest.raises(LogUnreadable, match="lock"):
        open_log(path)
    assert path.read_bytes() == before
