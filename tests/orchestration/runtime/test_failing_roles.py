"""A run reaches its verdict although every call of the reference or the judge fails."""

from pathlib import Path
from typing import Any

import pytest
from hanging import no_hanging  # noqa: F401 - a fixture
from judged_runs import judged_config, reply
from tenacity import wait_none
from tiny_runs import begin, reenact, reply_by_hash, scripted, tiny_config

from transfer_prompting.agents.messages import (
    CallFailed,
    CallRequested,
    PromptJudged,
    PromptScored,
    ProposalsMade,
    RunFinished,
)
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.storage.event import Event

WRITERS = ["history", "paraphrase"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the pauses between attempts."""
    monkeypatch.setattr(retry, "WAIT", wait_none())


def of(events: list[Event], kind: type[Any]) -> list[Any]:
    """Return the messages of one kind."""
    return [message for event in events if isinstance(message := decode(event), kind)]


def failures_of(events: list[Event]) -> set[tuple[str, bool]]:
    """Return the roles whose calls have failed, and whether each failure was final."""
    asked = {e.id: m.model for e in events if isinstance(m := decode(e), CallRequested)}
    return {(asked[e.cause or ""], m.final) for e in events if isinstance(m := decode(e), CallFailed)}


@pytest.mark.parametrize("retryable", [True, False])
async def test_no_proposal_can_be_written(tmp_path: Path, retryable: bool) -> None:
    """If every call of the reference fails, its steps have no proposals, and there is a verdict."""

    def answer(request: ModelRequest) -> str | ModelError:
        text = reply_by_hash(request)
        return ModelError("server_error", "No.", retryable=retryable) if "<instruction>" in text else text

    config = tiny_config(tmp_path, operators=WRITERS)
    events = await begin(config, tmp_path, scripted(answer))
    assert failures_of(events) == {("reference", True)}
    made = of(events, ProposalsMade)
    assert made
    assert {(message.candidates, message.failed) for message in made} == {((), 3)}
    assert {message.excluded for message in of(events, PromptScored)} == {()}
    [verdict] = of(events, RunFinished)
    assert verdict.excluded == 0
    assert await reenact(tmp_path) == len(events)


async def test_no_judgement_can_be_had(tmp_path: Path) -> None:
    """If every call of the judge fails, no prompt has a score for wording, and the races are decided."""

    def answer(request: ModelRequest) -> str | ModelError | ModelReply:
        if "Score:" in request.messages[-1].text:
            return ModelError("content_filter", "No.")
        return reply(request)

    events = await begin(judged_config(tmp_path), tmp_path, scripted(answer))
    assert failures_of(events) == {("judge", True)}
    judged = of(events, PromptJudged)
    assert judged
    for message in judged:
        assert message.failed == 4
        assert {measure.value for measure in message.measures.values()} == {None}
    assert of(events, RunFinished)
    assert await reenact(tmp_path) == len(events)
