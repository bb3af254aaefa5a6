"""A study with `reuse` pays for equal requests once, although each run under way has a file of its own."""

import json
from pathlib import Path
from typing import Any

import pytest
from program_calls import Tp
from studies_in_process import use_scripted
from studies_making import STUDY, events_of, write_study

from transfer_prompting.agents.messages import CallFinished
from transfer_prompting.agents.messages.codec import decode

SMALL = STUDY[: STUDY.index("[models.little")].replace("[1, 2, 3]", "[1, 2]")
REUSING = SMALL.replace("[run.source]", "[run]\nreuse = true\n[run.source]", 1)


def made(tp: Tp, folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[int, Any]:
    """Make a study in `folder`; return the calls that its model got, and the rows of its table."""
    monkeypatch.chdir(folder)
    model, _ = use_scripted(monkeypatch)
    write_study(folder, text=text)
    ended = tp("study", "run", "--display", "none", "--json")
    assert ended.status == 0, ended.err
    return model.calls, json.loads(ended.out)["rows"]


def test_equal_requests_are_paid_once(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request is paid twice, and the table is the same; what is reused names a paid call of the log."""
    apart, together = tmp_path / "apart", tmp_path / "together"
    apart.mkdir()
    together.mkdir()
    calls, rows = made(tp, apart, monkeypatch, SMALL)
    fewer, same = made(tp, together, monkeypatch, REUSING)
    assert same == rows
    replies = [
        (event, decode(event))
        for events in events_of(together).values()
        for event in events
        if event.kind == "call.finished"
    ]
    paid = {(event.run, event.cause): reply for event, reply in replies if _is_paid(reply)}
    keys = [reply.key for reply in paid.values() if isinstance(reply, CallFinished)]
    assert len(keys) == len(set(keys)) == fewer < calls
    borrowed = [(e, reply) for e, reply in replies if isinstance(reply, CallFinished) and reply.reused_from]
    assert borrowed
    assert {(reply.reused_from, reply.reused) for _, reply in borrowed} <= set(paid)
    assert tp("verify", "--log", "small.db").status == 0


def _is_paid(reply: object) -> bool:
    return isinstance(reply, CallFinished) and reply.reused is None


def test_a_resumed_run_goes_on_reusing(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further seed and a repetition of the command find the replies of the runs that were merged before."""
    first, _ = made(tp, tmp_path, monkeypatch, REUSING.replace("[1, 2]", "[1]"))
    more, rows = made(tp, tmp_path, monkeypatch, REUSING)
    whole = tmp_path / "whole"
    whole.mkdir()
    at_once, same = made(tp, whole, monkeypatch, REUSING)
    assert (first + more, rows) == (at_once, same)
