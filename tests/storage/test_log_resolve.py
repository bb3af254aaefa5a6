"""Resolution of run names: a full name, the start of one, or "last"."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from log_making import draft, write, writing

from transfer_prompting.storage.errors import UnknownRun
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[LogReader]:
    """A log with the runs demo-1, demo-12 and law, the first of which is continued at the end."""
    path = tmp_path / "log.db"
    write(path, *(draft(1, run) for run in ("demo-1", "demo-12", "law")), draft(2, "demo-1"))
    with LogReader(path) as reader:
        yield reader


@pytest.mark.parametrize(
    ("name", "run"),
    [("last", "law"), ("law", "law"), ("l", "law"), ("demo-1", "demo-1"), ("demo-12", "demo-12")],
)
def test_found(reader: LogReader, name: str, run: str) -> None:
    """A full name wins over the start of another; "last" is the run that began last."""
    assert reader.resolve(name) == run


@pytest.mark.parametrize("name", ["demo", "d", ""])
def test_ambiguous(reader: LogReader, name: str) -> None:
    """An ambiguous start is refused, and the error names the matching runs."""
    with pytest.raises(UnknownRun, match=r"fits several runs in .*demo-1, demo-12"):
        reader.resolve(name)


@pytest.mark.parametrize("name", ["none", "DEMO-1", "emo", "%", "demo-123"])
def test_unknown(reader: LogReader, name: str) -> None:
    """An unknown name is refused, and the error names the existing runs."""
    with pytest.raises(UnknownRun, match=r"There is no run .*demo-1, demo-12, law \(or: last\)"):
        reader.resolve(name)


def test_log_without_runs(tmp_path: Path) -> None:
    """An empty log has no run, not even "last"."""
    path = tmp_path / "log.db"
    with writing(path), LogReader(path) as reader, pytest.raises(UnknownRun, match="holds no run yet"):
        reader.resolve("last")
