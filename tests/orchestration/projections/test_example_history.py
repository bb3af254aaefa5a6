"""What the scorer said about an example."""

from collections.abc import Iterator

import pytest
from harbour_run import RUN, harbour_log

from transfer_prompting.agents.messages import PromptScored, ScoringRequested
from transfer_prompting.orchestration.projections.call_records import CallRecord
from transfer_prompting.orchestration.projections.example_history import example_history
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.storage.errors import UnknownRun
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def reader() -> Iterator[LogReader]:
    """The log of the account."""
    with LogReader(harbour_log()) as opened:
        yield opened


def test_request_reply_and_verdict(account: RunHistory, reader: LogReader) -> None:
    """The request holds the prompt and the question, the reply what was read in it, and it is marked."""
    _, scored = next((s, m) for s, m in account.of(PromptScored) if m.stage == "target")
    outcome = scored.outcomes[0]
    story = example_history(account, reader, scored.candidate, outcome.example)
    answer = next(a for a in story.answers if a.stage == "target")
    assert answer.asked is not None
    assert answer.replied is not None
    assert story.question is not None
    assert account.candidates[scored.candidate].text in answer.asked
    assert story.question in answer.asked
    assert (answer.answer, answer.correct) == (outcome.answer, outcome.correct)
    assert outcome.answer is not None
    assert outcome.answer in answer.replied
    assert answer.correct is (answer.answer == story.wanted)
    assert answer.prompt_tokens > 0 or answer.reused


def test_what_the_others_entries(account: RunHistory, reader: LogReader) -> None:
    """Every other prompt that was asked the same example of the task is there once, with its verdict."""
    _, scored = next((s, m) for s, m in account.of(PromptScored) if m.stage == "target")
    example = scored.outcomes[0].example
    story = example_history(account, reader, scored.candidate, example)
    asked = {
        m.candidate
        for _, m in account.of(PromptScored)
        if m.task == scored.task and any(o.example == example for o in m.outcomes)
    }
    assert [v.prompt for v in story.others].count(scored.candidate) == 0
    assert {v.prompt for v in story.others} == asked - {scored.candidate}
    assert len(story.others) == len(asked) - 1


def test_an_example_that_was_not_asked(account: RunHistory, reader: LogReader) -> None:
    """An example of another prompt is refused with whom it was asked, an unknown one with how ids look."""
    best = account.state.winner
    assert best is not None
    source = next(m for _, m in account.of(PromptScored) if m.stage == "source")
    with pytest.raises(UnknownRun, match="These were: p"):
        example_history(account, reader, best.id, source.outcomes[0].example)
    with pytest.raises(UnknownRun, match=f"No prompt of {RUN}.*ids look like 'case-"):
        example_history(account, reader, best.id, "no such")


def test_calls_of_a_judge_are_no_answers(account: RunHistory, reader: LogReader) -> None:
    """What a judge was asked about a reply is not what the prompt was asked."""
    logged, request = next((r, m) for r, m in account.of(ScoringRequested) if m.stage == "target")
    example = request.examples[0]
    answers = example_history(account, reader, request.candidate.id, example).answers
    judged = CallRecord("judged", 1, logged.id, "judge", f"judge: tone / {example}", 0.0)
    account.calls.by_id[judged.id] = judged
    try:
        assert example_history(account, reader, request.candidate.id, example).answers == answers
    finally:
        del account.calls.by_id[judged.id]
