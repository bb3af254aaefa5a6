"""Flushing of the write-ahead log, and recovery of one that a power cut has torn."""

from pathlib import Path
from random import Random

import pytest
from log_making import draft, events, open_log, write, writing

from transfer_prompting.storage.errors import LogUnreadable, TailMissing
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.head import Head, head_path, write_head
from transfer_prompting.storage.sqlite.reader import LogReader
from transfer_prompting.storage.sqlite.table import SqliteTable

CUTS = 500
FULL = 2


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def test_pragmas_of_the_writer(tmp_path: Path) -> None:
    """The writer's connection uses a write-ahead log and has each commit flushed before it returns."""
    path = tmp_path / "log.db"
    for _ in range(2):  # A log that is made, and one that was there.
        with writing(path) as log:
            assert isinstance(log._table, SqliteTable)
            pragma = log._table._db.execute
            assert pragma("PRAGMA journal_mode").fetchone()[0] == "wal"
            assert pragma("PRAGMA synchronous").fetchone()[0] == FULL


class LiveCopy:
    """Files of a log with an active writer, and the end of each event in its write-ahead log."""

    def __init__(self, folder: Path) -> None:
        path = folder / "live.db"
        sizes, said = [], []
        with writing(path) as log:
            schema = _wal(path).stat().st_size
            for number in range(16):
                said += log.submit([draft(number, data=b"x" * (number * 97 % 5000))]).result()
                sizes.append(_wal(path).stat().st_size)
            self.database, self.wal = path.read_bytes(), _wal(path).read_bytes()
        self.schema, self.sizes, self.events = schema, sizes, said

    def tear(self, path: Path, at: int, rest: bytes = b"") -> list[Event]:
        """Write the log as after a flush up to byte `at`, and return its complete events."""
        for old in path.parent.glob(path.name + "*"):
            old.unlink()
        path.write_bytes(self.database)
        _wal(path).write_bytes(self.wal[:at] + rest)
        return [event for event, size in zip(self.events, self.sizes, strict=True) if size <= at]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> LiveCopy:
    """A log of sixteen events, all still in the write-ahead log."""
    copy = LiveCopy(tmp_path_factory.mktemp("live"))
    assert copy.schema > 0
    assert copy.sizes[-1] == len(copy.wal)
    return copy


def _offsets(live: LiveCopy) -> list[int]:
    """Return regular and random cuts, and cuts just before, at and just after each end of a transaction."""
    random = Random("cuts")
    edges = [size + by for size in (live.schema, *live.sizes) for by in (-1, 0, 1)]
    regular = range(live.schema, len(live.wal), len(live.wal) // CUTS * 2)
    chance = [random.randint(live.schema, len(live.wal)) for _ in range(CUTS - len(regular) - len(edges))]
    return [min(max(at, live.schema), len(live.wal)) for at in (*edges, *regular, *chance)]


def _check(path: Path, whole: list[Event], last: Event) -> None:
    assert events(path) == whole
    with LogReader(path) as reader:
        assert reader.verify("run-a") == len(whole)
    write_head(path, Head(last.run, last.seq, last.hash.hex()))
    with LogReader(path) as reader:
        if whole and whole[-1] == last:
            assert reader.verify("run-a") == last.seq
        else:
            with pytest.raises(TailMissing, match=f"knows seq {last.seq} .* ends at {len(whole)}"):
                reader.verify("run-a")
    head_path(path).unlink()


def test_torn_anywhere_a_valid_prefix_is_left(tmp_path: Path, live: LiveCopy) -> None:
    """A cut write-ahead log keeps exactly its complete transactions, and the anchor reveals the loss."""
    path = tmp_path / "log.db"
    offsets = _offsets(live)
    assert len(offsets) >= CUTS - 1
    for at in offsets:
        _check(path, live.tear(path, at), live.events[-1])


@pytest.mark.parametrize("kind", ["zeros", "noise", "flipped"])
def test_torn_and_filled_with_garbage(tmp_path: Path, live: LiveCopy, kind: str) -> None:
    """Zeros, noise or a wrong bit after the tear are never read as an event."""
    path = tmp_path / "log.db"
    random = Random(kind)
    for _ in range(60):
        at = random.randint(live.schema, len(live.wal) - 1)
        missing = len(live.wal) - at
        rest = bytes(missing) if kind == "zeros" else random.randbytes(missing)
        if kind == "flipped":
            rest = bytes([live.wal[at] ^ 1 << random.randrange(8)]) + live.wal[at + 1 :]
        _check(path, live.tear(path, at, rest), live.events[-1])


def test_writing_goes_on_behind_the_tear(tmp_path: Path, live: LiveCopy) -> None:
    """A writer continues the remaining prefix, but refuses it while the head anchor remembers more."""
    path = tmp_path / "log.db"
    last = live.events[-1]
    for at in (live.schema, live.sizes[0] - 1, live.sizes[7] + 1000, len(live.wal) - 1):
        whole = live.tear(path, at)
        write_head(path, Head(last.run, last.seq, last.hash.hex()))
        with pytest.raises(TailMissing, match=rf"ends at seq {len(whole)}, but .* remembers seq {last.seq}"):
            open_log(path)
        head_path(path).unlink()
        (event,) = write(path, draft(99))
        assert event.seq == len(whole) + 1
        assert events(path) == [*whole, event]


def test_no_table_yet_is_an_empty_log(tmp_path: Path, live: LiveCopy) -> None:
    """A log torn before its table was created is empty for readers, and a writer recreates it."""
    path = tmp_path / "log.db"
    for at in (0, 1, 32, live.schema // 2, live.schema - 1):
        assert live.tear(path, at) == []
        with pytest.raises(LogUnreadable, match="is empty: it is not a log yet"):
            LogReader(path)
        write(path, draft(1))
        assert [event.seq for event in events(path)] == [1]
