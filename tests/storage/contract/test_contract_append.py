"""Contract of every store for appending."""

from itertools import count

import pytest
from log_stores import Store, draft

from transfer_prompting.storage.errors import IdConflict, StorageError
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.opening import open_reader


def test_read_back(store: Store) -> None:
    """Appended events are returned and read back byte for byte."""
    odd = Draft("läuf", "id-1", "k", 7, "ä/b", (), "cause", bytes(range(256)))
    returned = store.write(odd, draft(1), draft(2, cause="run-a/1", data='{"x": "ü"}'.encode()))
    assert store.events("läuf") == returned[:1]
    assert store.events() == returned[1:]
    assert all(event.same_as(one) for event, one in zip(store.events("läuf"), [odd], strict=True))
    assert [(e.seq, e.version, e.at) for e in returned] == [(1, 1, 1), (2, 1, 2), (3, 2, 3)]


def test_batch_is_in_order(store: Store) -> None:
    """Events keep their order within a batch, and batches are not interleaved."""
    with store.writing() as log:
        log.submit([draft(n) for n in range(3)]).result()
        log.submit([draft(n) for n in range(3, 2500)]).result()
    assert [e.id for e in store.events()] == [f"run-a/{n}" for n in range(2500)]
    assert [e.seq for e in store.events()] == list(range(1, 2501))


def test_reopened_log_goes_on(store: Store) -> None:
    """A new writer continues the numbers and the hash chain of the one before."""
    store.write(draft(1), draft(1, "run-b"))
    store.write(draft(2), draft(2, "run-b"))
    assert [(e.seq, e.version) for e in store.events("run-b")] == [(2, 1), (4, 2)]
    assert store.verify() == store.verify("run-b") == 2


def test_empty_batch(store: Store) -> None:
    """Appending nothing writes nothing."""
    with store.writing() as log:
        assert log.submit([]).result() == []
        assert log.submit([draft(1)]).result()[0].seq == 1


def test_repeated_append(store: Store) -> None:
    """A stored batch is returned unchanged; of a partly stored batch, the rest is appended."""
    with store.writing() as log:
        first = log.submit([draft(1), draft(2)]).result()
        assert log.submit([draft(1), draft(2)]).result() == first
        more = log.submit([draft(2), draft(3), draft(3), draft(1)]).result()
    assert [e.seq for e in more] == [2, 3, 3, 1]
    assert store.write(draft(3)) == more[1:2]
    assert [e.seq for e in store.events()] == [1, 2, 3]
    assert store.verify() == 3


def test_conflict(store: Store) -> None:
    """A known id with different contents fails its batch and changes nothing."""
    with store.writing() as log:
        before = log.submit([draft(1)]).result()
        refused = log.submit([draft(2), draft(1, data=b"other")])
        assert isinstance(refused.exception(), IdConflict)
        twice = log.submit([draft(3), draft(3, data=b"other")])
        assert isinstance(twice.exception(), IdConflict)
        assert store.events() == before
        assert log.submit([draft(4)]).result()[0].seq == 2
    assert store.verify() == 2


@pytest.mark.parametrize(
    "bad",
    [
        Draft("run-a", "bad", None, 1, "a/b", (), None, b"{}"),  # type: ignore[arg-type]
        Draft("run-a", "bad", "k", 1, "\ud800", (), None, b"{}"),
        Draft("run-a", "bad", "k", 1 << 70, "a/b", (), None, b"{}"),
    ],
    ids=["null", "no-text", "too-large"],
)
def test_batch_is_atomic(store: Store, bad: Draft) -> None:
    """A batch with a draft that cannot be stored is refused as a whole; other batches are written."""
    with store.writing() as log:
        promises = [log.submit(b) for b in ([draft(1)], [draft(2), bad, draft(3)], [draft(4)])]
        assert isinstance(promises[1].exception(), StorageError | TypeError | ValueError | OverflowError)
        assert [promises[n].result()[0].seq for n in (0, 2)] == [1, 2]
    assert [e.id for e in store.events()] == ["run-a/1", "run-a/4"]
    assert store.verify() == 2


def test_interleaved_runs(store: Store) -> None:
    """Runs share the seqs of the log; versions and hash chain are per run."""
    runs = ("run-a", "run-b", "run-c")
    with store.writing() as log:
        for number in range(4):
            log.submit([draft(number, run) for run in runs]).result()
    for place, run in enumerate(runs, 1):
        assert [(e.seq, e.version) for e in store.events(run)] == list(zip(count(place, 3), range(1, 5)))
        assert store.verify(run) == 4


@pytest.mark.parametrize("statement", ["UPDATE event SET kind = 'x' WHERE seq = 2", "DELETE FROM event"])
def test_append_only(store: Store, statement: str) -> None:
    """The table refuses UPDATE and DELETE with a message that says why."""
    written = store.write(draft(1), draft(2))
    with pytest.raises(Exception, match="the event log is append-only"):
        store.execute(statement)
    assert store.events() == written


def test_open_and_closed(store: Store) -> None:
    """A closed log refuses appends, and a reader of an open log sees every acknowledged event."""
    with store.writing() as log:
        log.submit([draft(1)]).result()
        with open_reader(log.place) as reader:
            assert [e.seq for e in reader.read("run-a")] == [1]
            log.submit([draft(2)]).result()
            assert [e.seq for e in reader.read("run-a")] == [1, 2]
    with pytest.raises(StorageError, match="is closed"):
        log.submit([draft(3)])
