"""The program does not pass a run for a success that has no result, or reads nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from program_calls import Tp
from tenacity import wait_none
from tiny_runs import reply_by_hash, scripted, write_task

from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.orchestration.calls import retry


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Path]:
    """Return a function that writes a configuration whose models all answer by the given function."""
    monkeypatch.setattr(retry, "WAIT", wait_none())

    def write(answer: Any) -> Path:
        write_task(tmp_path, "second", rows=12)
        monkeypatch.setattr(
            "transfer_prompting.orchestration.runtime.assembly.build_model",
            lambda _settings: scripted(answer),
        )
        path = tmp_path / "c.toml"
        path.write_text(
            'name = "small"\n[target]\ntask = "second"\nsteps = 1\nexamples = 12\ntest_examples = 6\n'
            '[search]\noperators = ["extend"]\n'
            '[models.scorer]\nprovider = "smollm2"\n[models.reference]\nprovider = "smollm2"\n'
        )
        return path

    return write


def _unanswered(request: ModelRequest) -> str | ModelError:
    if "second test" in request.messages[-1].text:
        return ModelError("content_filter", "I will not.")
    return reply_by_hash(request)


def test_no_verdict_is_no_success(tp: Tp, config: Callable[[Any], Path]) -> None:
    """`tp run` ends with status 1, `tp runs` has a status of its own, and `tp best` warns on stderr.

    Lost otherwise: a script that uses the prompt of a run would take one that was never tried.
    """
    ended = tp("run", config(_unanswered), "--json", "--display", "none")
    assert ended.status == 1
    assert "has finished without a result. None of the 6 held-out examples could be evaluated." in ended.err
    done = json.loads(ended.out.splitlines()[-1])
    assert (done["outcome"], done["best"] is None) == ("no result", False)
    assert json.loads(tp("runs", "--json").out)["runs"][0]["status"] == "no result"
    assert "no result" in tp("runs").out
    best = tp("best", "last")
    assert (best.status, best.out.strip()) == (0, done["best"]["text"])
    assert "has no result" in best.err
    assert "This run has no result. None of the 6" in tp("show", "last").out
    assert tp("report", "last", "-o", "page.html").status == 0
    assert "The run has no result" in Path("page.html").read_text()
    assert tp("resume", "last", "--display", "none").status == 1


def test_a_sound_run_is_a_success(tp: Tp, config: Callable[[Any], Path]) -> None:
    """A run with a verdict ends with status 0, and nothing warns of it."""
    assert tp("run", config(reply_by_hash), "--display", "none").status == 0
    assert tp("best", "last").err == ""


def _cut_off(request: ModelRequest) -> str | ModelReply:
    if request.max_tokens >= 100 or "<instruction>" in request.messages[-1].text:
        return reply_by_hash(request)
    return ModelReply(text="<think> Well,", finish="length", prompt_tokens=9, completion_tokens=9)


def test_an_unreadable_run_goes_on_with_another_setting(tp: Tp, config: Callable[[Any], Path]) -> None:
    """The message of a run that reads nothing holds the command that mends it, and the command works."""
    stopped = tp("run", config(_cut_off), "--display", "plain")
    assert stopped.status == 1
    assert "ended at the token limit, so their last words are missing" in " ".join(stopped.err.split())
    command = stopped.err.rpartition("as in `tp ")[2].partition("`")[0].split()
    assert command[0] == "resume"
    assert "--set" in command
    assert tp(*command, "--display", "none").status == 0
    assert "cut" in tp("cost", command[1]).out


def test_an_unreadable_run_can_be_accepted(tp: Tp, config: Callable[[Any], Path]) -> None:
    """With --accept-unreadable the run goes on to its end, which is no result."""
    ended = tp("run", config(_cut_off), "--accept-unreadable", "--display", "none")
    assert ended.status == 1
    assert "None of the answers in the final comparison could be read." in ended.err


def test_settings_of_a_finished_run_stay(tp: Tp, config: Callable[[Any], Path]) -> None:
    """A finished run is not started over; the message names the command that makes another from it."""
    tp("run", config(reply_by_hash), "--display", "none")
    refused = tp("resume", "last", "--set", "search.max_tokens=512")
    assert refused.status == 2
    assert "tp fork" in refused.err
