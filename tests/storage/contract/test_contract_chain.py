"""What every store promises about changes behind the log's back."""

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
    """A log nobody touched is found whole; a run that is not there has no events."""
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
    """A change in a row is found, and the row named."""
    written.hurt(f"UPDATE event SET {column} = ? WHERE seq = 3", value)
    with pytest.raises(LogDamaged) as caught:
        written.verify()
    # A row whose version has changed is missed at the one that follows.
    assert caught.value.seq == (4 if column == "version" else 3)


def test_row_moved_to_another_run(written: Store) -> None:
    """A row given to another run is missed in its own."""
    written.hurt("UPDATE event SET run = 'run-c' WHERE seq = 3")
    with pytest.raises(LogDamaged, match="seq 4"):
        written.verify()


def test_removed_row(written: Store) -> None:
    """A row that was taken out is missed at the next one."""
    written.hurt("DELETE FROM event WHERE seq = 3")
    with pytest.raises(LogDamaged, match="seq 4"):
        written.verify()


def test_removed_end_of_a_run(written: Store) -> None:
    """A run cut off before events of other runs leaves a gap in the numbers of the log."""
    written.hurt("DELETE FROM event WHERE seq = 5")
    with pytest.raises(LogDamaged, match="seq 5"):
        written.verify()


def test_swapped_payloads(written: Store) -> None:
    """Payloads that changed places are found."""
    written.hurt("UPDATE event SET data = CASE seq WHEN 2 THEN ? ELSE ? END WHERE seq IN (2, 3)", b"3", b"2")
    with pytest.raises(LogDamaged, match="seq 2"):
        written.verify()


def test_lost_tail(written: Store) -> None:
    """Readers notice that a log lost its end, and writers refuse it, unless the log is kept in memory."""
    written.hurt("DELETE FROM event WHERE seq = 6")
    if not written.remembers_head:
        assert written.verify("run-b") == 0
        return
    with pytest.raises(TailMissing):
        written.verify("run-b")
    with pytest.raises(TailMissing, match="seq 6"), written.writing():
        pass
