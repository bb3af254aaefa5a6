"""Hash chain and head anchor reveal any change made outside the log."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_making import PROPERTY, draft, events, hurt, open_log, write

from transfer_prompting.storage.errors import LogDamaged, LogUnreadable, TailMissing
from transfer_prompting.storage.event import chain_hash, genesis
from transfer_prompting.storage.head import head_path, read_head
from transfer_prompting.storage.layout import COLUMNS
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of five events of one run without a writer."""
    path = tmp_path / "log.db"
    write(path, *(draft(n, data=b'{"n": %d}' % n, cause=f"run-a/{n - 1}") for n in range(1, 6)))
    return path


def verify(path: Path, run: str = "run-a") -> int:
    with LogReader(path) as reader:
        return reader.verify(run)


def test_untouched_log_holds(path: Path) -> None:
    """An unchanged log verifies, and `verify` returns the number of its events."""
    assert verify(path) == 5


CHANGES = {
    "seq": "99",
    "run": "'run-b'",
    "version": "9",
    "id": "'other'",
    "kind": "'call.failed'",
    "schema": "2",
    "sender": "'curator/main'",
    "recipients": "'curator/main'",
    "cause": "NULL",
    "at": "at + 1",
    "data": "CAST('{\"n\": 4}' AS BLOB)",
    "hash": "zeroblob(32)",
}


def test_every_column_has_its_change() -> None:
    """The changes below cover every column."""
    assert list(CHANGES) == COLUMNS.split(", ")


@pytest.mark.parametrize(("column", "value"), CHANGES.items())
def test_changed_column(path: Path, column: str, value: str) -> None:
    """A change in any column of a row is detected, and the row is named."""
    hurt(path, f"UPDATE event SET {column} = {value} WHERE seq = 3")
    with pytest.raises(LogDamaged) as found:
        verify(path)
    # A moved row is detected as a gap at the next row, and an error names the seq that a row now has.
    assert found.value.seq == {"seq": 99, "run": 4, "version": 4}.get(column, 3)
    assert f"seq {found.value.seq}" in str(found.value)


def test_changed_byte_in_the_last_row(path: Path) -> None:
    """The last row is protected as the others are."""
    hurt(path, "UPDATE event SET data = CAST('{\"n\": 6}' AS BLOB) WHERE seq = 5")
    with pytest.raises(LogDamaged, match="seq 5: its contents do not match its hash"):
        verify(path)


def test_recomputed_last_hash(path: Path) -> None:
    """A last row changed together with its hash differs from the head anchor."""
    before, last = events(path)[-2:]
    row = (last.seq, last.run, last.version, last.id, last.kind, last.schema, last.sender)
    forged = chain_hash(before.hash, (*row, " ".join(last.recipients), last.cause, last.at, b"forged"))
    hurt(path, f"UPDATE event SET data = x'{b'forged'.hex()}', hash = x'{forged.hex()}' WHERE seq = 5")
    with pytest.raises(LogDamaged, match="the head anchor has another hash"):
        verify(path)


def test_deleted_row(path: Path) -> None:
    """A row deleted in the middle is detected at the next row."""
    hurt(path, "DELETE FROM event WHERE seq = 3")
    with pytest.raises(LogDamaged, match="version 4 follows version 2") as found:
        verify(path)
    assert found.value.seq == 4


def test_deleted_first_row(path: Path) -> None:
    """A run must begin with its first version."""
    hurt(path, "DELETE FROM event WHERE seq = 1")
    with pytest.raises(LogDamaged, match="seq 2"):
        verify(path)


def test_swapped_rows(path: Path) -> None:
    """Two exchanged rows are detected at the first of them."""
    hurt(
        path,
        "UPDATE event SET seq = 99, version = 99 WHERE seq = 2",
        "UPDATE event SET seq = 2, version = 2 WHERE seq = 3",
        "UPDATE event SET seq = 3, version = 3 WHERE seq = 99",
    )
    with pytest.raises(LogDamaged) as found:
        verify(path)
    assert found.value.seq == 2


@pytest.mark.parametrize(("seq", "version"), [(6, 6), (0, 9), (-7, 9)])
def test_inserted_row(path: Path, seq: int, version: int) -> None:
    """An inserted row is detected at any position."""
    columns = COLUMNS.replace("seq, run, version, id,", "")
    values = f"{seq}, run, {version}, 'new',{columns}"
    hurt(path, f"INSERT INTO event ({COLUMNS}) SELECT {values} FROM event WHERE seq = 5")
    with pytest.raises(LogDamaged):
        verify(path)


def test_truncated_tail(path: Path) -> None:
    """A truncated log has a valid hash chain, but the head anchor reveals the loss."""
    hurt(path, "DELETE FROM event WHERE seq > 3")
    with pytest.raises(TailMissing, match=r"knows seq 5 of run-a, but the log ends at 3"):
        verify(path)
    with pytest.raises(TailMissing, match=r"(?s)ends at seq 3.*seq 5 of run run-a.*remove the \.head file"):
        open_log(path)


def test_truncated_tail_of_an_earlier_run(tmp_path: Path) -> None:
    """A truncated run followed by other runs leaves a gap in the seqs, which is named."""
    path = tmp_path / "log.db"
    write(path, draft(1, "a"), draft(2, "a"), draft(1, "b"))
    hurt(path, "DELETE FROM event WHERE seq = 2")
    for run in ("a", "b"):
        with pytest.raises(LogDamaged, match="seq 2: no event has this seq"):
            verify(path, run)


def test_writing_after_a_lost_tail(path: Path) -> None:
    """A truncated log can be written again once the user has removed its head anchor."""
    hurt(path, "DELETE FROM event WHERE seq > 3")
    head_path(path).unlink()
    write(path, draft(9))
    assert verify(path) == 4


def test_changed_last_row_refuses_the_writer(path: Path) -> None:
    """A writer refuses a log whose last event differs from the head anchor."""
    hurt(path, "UPDATE event SET hash = zeroblob(32) WHERE seq = 5")
    with pytest.raises(TailMissing, match="with another hash"):
        open_log(path)


def test_anchor_may_lag(path: Path) -> None:
    """A head anchor that is missing or behind the log, as after a crash, is no damage."""
    third = events(path)[2]
    head_path(path).write_text(json.dumps({"run": "run-a", "seq": 3, "hash": third.hash.hex()}))
    assert verify(path) == 5
    head_path(path).unlink()
    assert verify(path) == 5
    write(path, draft(6))
    head = read_head(path)
    assert head is not None
    assert head.seq == 6


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"run": "r"}', '{"run": "r", "seq": "1", "hash": ""}', "\x80"]
)
def test_nonsense_anchor(path: Path, text: str) -> None:
    """Reader and writer refuse an invalid head file and say what to do with it."""
    head_path(path).write_bytes(text.encode("latin-1"))
    with pytest.raises(LogUnreadable, match="remove this file"):
        verify(path)
    with pytest.raises(LogUnreadable, match="remove this file"):
        open_log(path)


def test_refused_writer_frees_the_lock(path: Path) -> None:
    """A writer that refuses a log releases its lock."""
    head = head_path(path).read_text()
    head_path(path).write_text("{")
    for _ in range(2):
        with pytest.raises(LogUnreadable):
            open_log(path)
    head_path(path).write_text(head)
    write(path, draft(6))
    assert verify(path) == 6


def test_runs_have_chains_of_their_own() -> None:
    """Each run starts from its own hash, so that rows cannot be moved between runs."""
    assert genesis("a") != genesis("b")


_TEXT = st.text(alphabet="a1 -", max_size=3)
_NUMBER = st.integers(-1, 11)
_ROWS = st.tuples(
    _NUMBER,
    _TEXT,
    _NUMBER,
    _TEXT,
    _TEXT,
    _NUMBER,
    _TEXT,
    _TEXT,
    st.none() | _TEXT,
    _NUMBER,
    st.binary(max_size=2),
)


@PROPERTY
@given(_ROWS, _ROWS)
def test_hash_tells_rows_apart(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    """Two rows with different contents have different hashes."""
    assert (chain_hash(b"", one) == chain_hash(b"", other)) == (one == other)


@PROPERTY
@given(_ROWS, st.sampled_from([1, 3, 4, 6, 7]), st.sampled_from([3, 4, 6, 7, 8]))
def test_no_character_moves_between_columns(row: tuple[object, ...], left: int, right: int) -> None:
    """A character that moves from the end of one text column to the start of another changes the hash."""
    moved = list(row)
    moved[left] = str(row[left])[:-1]
    moved[right] = str(row[left])[-1:] + str(moved[right] or "")
    assert (chain_hash(b"", tuple(moved)) == chain_hash(b"", row)) == (tuple(moved) == row)
