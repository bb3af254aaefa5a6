"""Idempotent appends and conflicts, compared with a plain list as the model."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from log_making import draft, events, open_log, writing

from transfer_prompting.storage.errors import IdConflict
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader

RUNS = ("run-a", "run-b", "run-c")
NUMBERS = st.integers(0, 12)
DRAFTS = st.builds(draft, NUMBERS, st.sampled_from(RUNS))
OTHERS = st.builds(draft, NUMBERS, st.sampled_from(RUNS), st.just(b"other"))


class LogAgainstList(RuleBasedStateMachine):
    """The log holds the same events as the list after any sequence of appends."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.log = open_log(self.folder / "log.db")
        self.list: list[Draft] = []

    @rule(batch=st.lists(DRAFTS, max_size=5))
    def append(self, batch: list[Draft]) -> None:
        """Append a batch: new events are added in order, and known events are returned."""
        known = {one.id: one for one in self.list}
        if any(known.get(one.id, one) != one for one in batch):
            return
        appended = self.log.submit(batch).result()
        assert [event.id for event in appended] == [one.id for one in batch]
        self.list.extend(one for one in dict.fromkeys(batch) if one.id not in known)

    @rule(batch=st.lists(DRAFTS, max_size=3), other=OTHERS)
    def conflict(self, batch: list[Draft], other: Draft) -> None:
        """Append different contents under a known id: the whole batch is refused."""
        if any(one.id == other.id and one != other for one in self.list):
            with pytest.raises(IdConflict, match="with other contents"):
                self.log.submit([*batch, other]).result()

    @rule(number=NUMBERS, run=st.sampled_from(RUNS))
    def conflict_in_one_batch(self, number: int, run: str) -> None:
        """Append two different drafts with one id: the batch is refused."""
        with pytest.raises(IdConflict):
            self.log.submit([draft(number, run), draft(number, run, b"other")]).result()

    @rule(other=OTHERS)
    def append_other(self, other: Draft) -> None:
        """Append arbitrary bytes under a new id."""
        if all(one.id != other.id for one in self.list):
            self.log.submit([other]).result()
            self.list.append(other)

    @rule()
    def reopen(self) -> None:
        """Close and reopen the log."""
        asyncio.run(self.log.close())
        self.log = open_log(self.folder / "log.db")

    @invariant()
    def same_as_the_list(self) -> None:
        """The events equal the list, the numbers have no gaps, and the hash chain is valid."""
        with LogReader(self.folder / "log.db") as reader:
            found = sorted((e for run in RUNS for e in reader.read(run)), key=lambda e: e.seq)
            assert [e.seq for e in found] == list(range(1, len(self.list) + 1))
            assert all(e.same_as(one) for e, one in zip(found, self.list, strict=True))
            for run in RUNS:
                mine = [e.version for e in found if e.run == run]
                assert mine == list(range(1, len(mine) + 1))
                assert reader.verify(run) == len(mine)

    def teardown(self) -> None:
        """Close the log and remove its folder."""
        asyncio.run(self.log.close())
        shutil.rmtree(self.folder)


LogAgainstList.TestCase.settings = settings(
    deadline=None, database=None, max_examples=15, stateful_step_count=20
)
TestLogAgainstList = LogAgainstList.TestCase


def test_same_again_returns_the_first(tmp_path: Path) -> None:
    """Appending a draft again returns its stored event."""
    with writing(tmp_path / "log.db") as log:
        first = log.submit([draft(1)]).result()
        assert log.submit([draft(1)]).result() == first
        mixed = log.submit([draft(2), draft(1), draft(2)]).result()
        assert [e.seq for e in mixed] == [2, 1, 2]


def test_conflict_names_the_event(tmp_path: Path) -> None:
    """The error of a conflict names the id, kind and seq of the stored event."""
    with writing(tmp_path / "log.db") as log:
        log.submit([draft(1)]).result()
        with pytest.raises(IdConflict, match=r"run-a/1 \(call.requested\) was appended as seq 1"):
            log.submit([draft(1, data=b"other")]).result()


async def test_same_draft_at_the_same_time(tmp_path: Path) -> None:
    """Concurrent appends of the same draft all get the same event."""
    log = await EventLog.open(tmp_path / "log.db")
    appended = await asyncio.gather(*(log.append([draft(1)]) for _ in range(16)))
    assert all(batch == appended[0] for batch in appended)
    await log.close()
    assert len(events(tmp_path / "log.db")) == 1


async def test_conflict_at_the_same_time(tmp_path: Path) -> None:
    """Of two conflicting drafts in one group commit, only the second is refused."""
    log = await EventLog.open(tmp_path / "log.db")
    kept, refused, neighbour = await asyncio.gather(
        log.append([draft(1)]),
        log.append([draft(1, data=b"other")]),
        log.append([draft(2)]),
        return_exceptions=True,
    )
    await log.close()
    assert isinstance(refused, IdConflict)
    assert events(tmp_path / "log.db") == [*kept, *neighbour]  # type: ignore[misc]
