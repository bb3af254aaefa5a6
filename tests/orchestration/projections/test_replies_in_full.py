"""The whole replies to examples that were gained and lost."""

import pytest
from harbour_run import harbour_log

from transfer_prompting.orchestration.projections.held_out import answer_pairs
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.projections.replies_in_full import PairInFull, pairs_in_full
from transfer_prompting.storage.sqlite.reader import LogReader

MOST = 2


@pytest.fixture
def found(account: RunHistory) -> list[PairInFull]:
    """Return two gained and two lost examples."""
    with LogReader(harbour_log()) as reader:
        return pairs_in_full(account, reader, answer_pairs(account), MOST)


def test_the_first_of_each(account: RunHistory, found: list[PairInFull]) -> None:
    """None is picked: they are the first that were gained, then the first that were lost."""
    pairs = answer_pairs(account)
    gained, lost = ([p for p in pairs if p.change == change][:MOST] for change in ("gained", "lost"))
    assert len(gained) == len(lost) == MOST
    assert [one.pair for one in found] == [*gained, *lost]


def test_replies_hold_their_answers(account: RunHistory, found: list[PairInFull]) -> None:
    """Each reply is that of its prompt to its example, and holds the answer that was read from it."""
    finished = account.state.finished
    assert finished is not None
    for one in found:
        for answer, prompt, read in (
            (one.initial, finished.initial, one.pair.initial),
            (one.best, finished.best, one.pair.best),
        ):
            assert answer is not None
            assert (answer.prompt, answer.answer, answer.split) == (prompt.id, read, "test")
            assert one.pair.question is not None
            assert one.pair.question in (answer.asked or "")
            assert f"Answer: {read}" in (answer.replied or "")
