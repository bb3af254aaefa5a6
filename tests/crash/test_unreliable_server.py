"""A run retries or stops on every fault of a server, and scores none of them."""

from pathlib import Path

import pytest
from hanging import no_hanging  # noqa: F401 - a fixture
from tenacity import wait_none
from tiny_runs import said
from unreliable_server import SLOTS, events_of, run, serving

from transfer_prompting.agents.models.openai import endpoint
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.errors import RunStopped

FAULTS = [
    ["500"],
    ["429", "429", "429"],
    ["empty body"],
    ["truncated body"],
    ["no text", "no choices"],
    ["cut off", "503", "empty object"],
    [],
]
"""Faults that the n-th distinct request meets before its reply. The list repeats from its start."""


async def test_faults_that_pass_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors, bursts of 429, empty, truncated and broken replies lead to what a calm run leads to."""
    monkeypatch.setattr(retry, "WAIT", wait_none())
    monkeypatch.setattr(endpoint, "RATE_LIMIT_WAIT", wait_none())
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")
    async with serving([[]]) as server:
        calm = await run(tmp_path / "calm", server.url)
    async with serving(FAULTS) as server:
        rough = await run(tmp_path / "rough", server.url)
    assert set(server.met) == {"none", *(fault for faults in FAULTS for fault in faults)}
    # The first message holds the server's address.
    assert sorted(said(rough)[1:]) == sorted(said(calm)[1:])
    assert not [event for event in rough if event.kind == "call.failed"]


async def test_a_refused_key_stops_the_run_within_a_few_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the server answers 401, no more requests than slots are sent, and nothing is scored."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")
    async with serving([["401"] * 99]) as server:
        with pytest.raises(RunStopped, match="answered 401"):
            await run(tmp_path / "refused", server.url)
    assert server.met.total() <= SLOTS
    events = events_of(tmp_path / "refused" / "log.db")
    assert events[-1].kind == "run.failed"
    assert not {"call.finished", "prompt.scored"} & {event.kind for event in events}
