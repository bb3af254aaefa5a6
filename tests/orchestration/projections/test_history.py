"""Reading a run whole: nothing is lost, and a clock that leaves interruptions out."""

import pytest
from harbour_run import RUN, harbour_log

from transfer_prompting.agents.messages import PromptScored, RunFinished
from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.storage.errors import UnknownRun
from transfer_prompting.storage.sqlite.reader import LogReader


def test_nothing_is_lost(account: RunHistory) -> None:
    """Every event of the log is a message or part of a call of the account, and its end is the log's end."""
    with LogReader(harbour_log()) as reader:
        events = list(reader.read(RUN))
    assert len(account.messages) == sum(not event.kind.startswith("call.") for event in events)
    assert len(account.calls.by_id) == sum(event.kind == "call.requested" for event in events)
    assert all(call.ended is not None for call in account.calls.by_id.values())
    assert (account.seq, account.hash) == (events[-1].seq, events[-1].hash.hex())
    assert account.redacted == 0


def test_the_clock(account: RunHistory) -> None:
    """The clock begins at zero, never goes back, and ends with what the view says has elapsed."""
    clocks = [said.clock for said in account.messages]
    assert clocks[0] == 0
    assert clocks == sorted(clocks)
    assert clocks[-1] == account.state.elapsed


def test_tokens_add_up(account: RunHistory) -> None:
    """The calls' tokens are those of the run, and the last message knows them all."""
    spent = sum(call.tokens for call in account.calls.by_id.values())
    assert spent == account.state.spending.prompt_tokens + account.state.spending.completion_tokens
    assert account.messages[-1].tokens == spent > 0


def test_every_scored_prompt_is_known(account: RunHistory) -> None:
    """Whoever has a score is among the candidates, with the finalists' held-out scores at hand."""
    scored = {message.candidate for _, message in account.of(PromptScored)}
    assert scored <= account.candidates.keys()
    [(_, verdict)] = account.of(RunFinished)
    assert verdict.control is not None
    assert set(account.state.finals.finalists) == {verdict.best.id, verdict.initial.id, verdict.control.id}


def test_finding_a_prompt(account: RunHistory) -> None:
    """A prompt is found by its id, by a beginning that fits no other, and as "best"."""
    best = account.state.winner
    assert best is not None
    assert account.prompt(best.id) == account.prompt("best") == best
    assert account.prompt(best.id[:-1]).id == best.id
    with pytest.raises(UnknownRun, match="fits several prompts"):
        account.prompt("p")
    with pytest.raises(UnknownRun, match="--tree"):
        account.prompt("zebra")


def test_no_opening(account: RunHistory) -> None:
    """A run without events is refused with its name."""
    with LogReader(harbour_log()) as reader, pytest.raises(UnknownRun, match="nobody"):
        read_history(reader, "nobody")
