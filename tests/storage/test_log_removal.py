"""The removal of a log."""

from pathlib import Path

from log_making import draft, writing

from transfer_prompting.storage.opening import remove_log


def test_removed_with_all_its_files(tmp_path: Path) -> None:
    """A log is removed with its lock, head and write-ahead log; its folder stays if it holds more."""
    for folder in ("alone", "shared"):
        with writing(tmp_path / folder / "log.db") as log:
            log.submit([draft(1)]).result()
    (tmp_path / "shared" / "log.db.txt").touch()
    for folder in ("alone", "shared"):
        remove_log(tmp_path / folder / "log.db")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["log.db.txt", "shared"]
