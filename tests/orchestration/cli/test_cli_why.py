"""`tp why` and `tp show --tree` as a person sees them."""

import pytest
from harbour_run import RUN, harbour_log
from program_calls import Tp

from transfer_prompting.agents.messages import CandidateStopped, PromptScored
from transfer_prompting.orchestration.projections.history import RunHistory


@pytest.fixture
def log() -> tuple[object, ...]:
    """The log to read."""
    return ("--log", harbour_log())


def test_why(tp: Tp, account: RunHistory, log: tuple[object, ...]) -> None:
    """The reason why a prompt was dropped stands in the first lines, and each chapter with its seq."""
    _, stopped = next((s, m) for s, m in account.of(CandidateStopped) if m.stage == "target")
    out = " ".join(tp("why", RUN, stopped.candidate, *log).out.split())
    assert stopped.reason in out[:400]
    for said, message in account.of(PromptScored):
        assert (f"seq {said.seq} " in out) is (message.candidate == stopped.candidate)


def test_what_changed(tp: Tp, account: RunHistory, log: tuple[object, ...]) -> None:
    """A child is shown against its parent, with signs for whoever sees no colours."""
    child = next(c for c in account.candidates.values() if c.operator == "reflection")
    out = tp("why", RUN, child.id, *log).out
    assert f"Compared with {child.parents[0]}:" in out
    assert "{+" in out


def test_an_example(tp: Tp, account: RunHistory, log: tuple[object, ...]) -> None:
    """The question, the reply and the verdict on one example stand together."""
    scored = next(m for _, m in account.of(PromptScored) if m.stage == "target")
    outcome = scored.outcomes[0]
    out = tp("why", RUN, scored.candidate, "--example", outcome.example, *log).out
    assert "Right answer: " in out
    assert f"Read as '{outcome.answer}'" in out
    assert ("right." if outcome.correct else "wrong.") in out


def test_the_tree(tp: Tp, account: RunHistory, log: tuple[object, ...]) -> None:
    """Every prompt stands in the tree, the one to use is marked, and demonstrations are not told."""
    out = tp("show", RUN, "--tree", *log).out
    assert all(id_ in out for id_ in account.candidates)
    assert account.view.winner is not None
    assert f"* {account.view.winner.id}" in out
    assert "Answer: " not in out


@pytest.mark.parametrize("arguments", [("nobody",), ("best", "--example", "nothing")])
def test_not_there(tp: Tp, arguments: tuple[str, ...], log: tuple[object, ...]) -> None:
    """A prompt or an example that is not there is refused in words that say what is."""
    ended = tp("why", RUN, *arguments, *log)
    assert (ended.status, ended.out) == (2, "")
    assert arguments[-1] in ended.err
