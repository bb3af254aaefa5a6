"""The text that `tp why` and `tp show --tree` print for people."""

import pytest
from harbour_run import RUN, harbour_log
from program_calls import Tp

from transfer_prompting.agents.messages import CandidateStopped, PromptScored
from transfer_prompting.orchestration.projections.history import RunHistory


@pytest.fixture
def log() -> tuple[object, ...]:
    """Return the option that names the log."""
    return ("--log", harbour_log())


def test_why(tp: Tp, account: RunHistory, log: tuple[object, ...]) -> None:
    """The first lines say why a prompt was dropped, and each later line names its seq."""
    _, stopped = next((s, m) for s, m in account.of(CandidateStopped) if m.stage == "target")
    out = " ".join(tp("why", RUN, stopped.candidate, *log).out.split())
    assert stopped.reason in out[:400]
    for said, message in account.of(PromptScored):
        assert (f"seq {said.seq} " in out) is (message.candidate == stopped.candidate)


def test_what_changed(tp: Tp, account: RunHistory, log: tuple[object, ...]) -> None:
    """A prompt is compared with its parent, with signs that need no colours."""
    child = next(c for c in account.candidates.values() if c.operator == "reflection")
    out = tp("why", RUN, child.id, *log).out
    assert f"Compared with {child.parents[0]}:" in out
    assert "{+" in out


def test_an_example(tp: Tp, account: RunHistory, log: tuple[object, ...]) -> None:
    """The question, the reply and the verdict on an example are printed together."""
    scored = next(m for _, m in account.of(PromptScored) if m.stage == "target")
    outcome = scored.outcomes[0]
    out = tp("why", RUN, scored.candidate, "--example", outcome.example, *log).out
    assert "Right answer: " in out
    assert f"Read as '{outcome.answer}'" in out
    assert ("right." if outcome.correct else "wrong.") in out


def test_the_prompt_to_use(tp: Tp, log: tuple[object, ...]) -> None:
    """Without a prompt, the one to use is explained."""
    assert tp("why", RUN, *log).out == tp("why", RUN, "best", *log).out != ""


def test_the_tree(tp: Tp, account: RunHistory, log: tuple[object, ...]) -> None:
    """The tree has every prompt, marks the one to use, and leaves demonstrations out."""
    out = tp("show", RUN, "--tree", *log).out
    assert all(id_ in out for id_ in account.candidates)
    assert account.state.winner is not None
    assert f"* {account.state.winner.id}" in out
    assert "Answer: " not in out


@pytest.mark.parametrize("arguments", [("nobody",), ("best", "--example", "nothing")])
def test_not_there(tp: Tp, arguments: tuple[str, ...], log: tuple[object, ...]) -> None:
    """The error for an unknown prompt or example names it."""
    ended = tp("why", RUN, *arguments, *log)
    assert (ended.status, ended.out) == (2, "")
    assert arguments[-1] in ended.err
