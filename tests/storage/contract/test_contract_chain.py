"""Contract of every store for changes made outside the log."""

import pytest
from log_stores import Store, draft

from transfer_prompting.storage.errors import LogDamaged, TailMissing


@pytest.fixture
def written(store: Store) -> Store:
    """A store with five events of one run and one of another."""
    store.write(*(draft(n, data=b'{"n": %d}' % n, cause=f"run-a/{n - 1}") for n in range(1, 6)))
    store.write(draft(1, "run-b"))
    return store


def test_untouched_log_holds(written: Store) -> None:
    """An unchanged log verifies, and a missing run has no events."""
    assert written.verify() == 5
    assert written.verify("run-b") == 1
    assert written.verify("no-run") == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("version", 9),
        ("id", "other"),
        ("kind", "call.failed"),
        ("schema", 2),
        ("sender", "curator/main"),
        ("recipients", "curator/main"),
        ("cause", None),
        ("at", 77),
        ("data", b'{"n": 4}'),
        ("hash", bytes(32)),
    ],
)
def test_changed_column(written: Store, column: str, value: object) -> None:
    """A changed row is detected and named."""
    written.hurt(f"UPDATE event SET {column} = ? WHERE seq = 3", value)
    with pytest.raises(LogDamaged) as caught:
        written.verify()
    # A changed version is detected as a gap at the next row.
    assert caught.value.seq == (4 if column == "version" else 3)


def test_row_moved_to_another_run(written: Store) -> None:
    """A row moved to another run is missing in its own."""
    written.hurt("UPDATE event SET run = 'run-c' WHERE seq = 3")
    with pytest.raises(LogDamaged, match="seq 4"):
        written.verify()


def test_removed_row(written: Store) -> None:
    """A deleted row is detected at the next row."""
    written.hurt("DELETE FROM event WHERE seq = 3")
    with pytest.raises(LogDamaged, match="seq 4"):
        written.verify()


def test_removed_end_of_a_run(written: Store) -> None:
    """A truncated run followed by events of other runs leaves a gap in the seqs."""
    written.hurt("DELETE FROM event WHERE seq = 5")
    with pytest.raises(LogDamaged, match="seq 5"):
        written.verify()


def test_swapped_payloads(written: Store) -> None:
    """Exchanged payloads are detected."""
    written.hurt("UPDATE event SET data = CASE seq WHEN 2 THEN ? ELSE ? END WHERE seq IN (2, 3)", b"3", b"2")
    with pytest.raises(LogDamaged, match="seq 2"):
        written.verify()


def test_lost_tail(written: Store) -> None:
    """If the store keeps a head anchor, readers detect a lost tail and writers refuse the log."""
    if not written.remembers_head:
        pytest.skip("memory is lost whole or not at all")
    written.hurt("DELETE FROM event WHERE seq = 6")
    if not written.remembers_head:
        assert written.verify("run-b") == 0
        return
    with pytest.raises(TailMissing):
        written.verify("run-b")
    with pytest.raises(TailMissing, match="seq 6"), written.writing():
        pass
