"""Replies as models write them: each is read as a careful person reads it."""

from pathlib import Path

import pytest
from reply_making import OWN, Case, cases

from transfer_prompting.prompts.reading.answers import read_reply

SHARED = Path(__file__).parents[3] / "shared" / "cases" / "replies.jsonl"


@pytest.mark.parametrize("case", cases(OWN), ids=lambda case: f"{case.type}-{ascii(case.reply)[1:50]}")
def test_reply(case: Case) -> None:
    """The answer and its confidence are what the reply means, and None if a reading would be a guess."""
    reading = read_reply(case.reply, case.task, case.example)
    assert (reading.answer, reading.confidence) == (case.answer, case.confidence)
    assert reading.followed is case.followed


def test_collected_replies() -> None:
    """The collected replies are read as they are meant."""
    if not SHARED.is_file():
        pytest.skip("the collected replies are not here")
    wrong = {}
    for case in cases(SHARED):
        reading = read_reply(case.reply, case.task, case.example)
        if (reading.answer, reading.confidence) != (case.answer, case.confidence):
            wrong[case.reply] = reading
    assert not wrong
