"""A failing model is an outcome of its own, never a score."""

from collections import Counter
from pathlib import Path

import pytest
from carried_runs import small_config
from hanging import no_hanging  # noqa: F401 - a fixture
from tenacity import wait_none
from tiny_runs import begin, read, reply_by_hash, said, scripted

from transfer_prompting.agents.models.base import FailureCause, ModelError, ModelReply, ModelRequest
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.errors import RunStopped


class Flaky:
    """A model that fails the first `times` attempts of every `each`-th call."""

    def __init__(self, each: int, times: int, cause: FailureCause) -> None:
        self.each, self.times, self.cause = each, times, cause
        self.failed = 0
        self._seen: Counter[str] = Counter()

    def __call__(self, request: ModelRequest) -> ModelReply | str | ModelError:
        key = request.model_dump_json()
        self._seen[key] += 1
        place = list(self._seen).index(key)
        if place % self.each == 0 and self._seen[key] <= self.times:
            self.failed += 1
            return ModelError(self.cause, "Not now.", retryable=True)
        return reply_by_hash(request)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(retry, "WAIT", wait_none())


@pytest.mark.parametrize(
    ("each", "times", "cause"),
    [(20, 1, "server_error"), (3, 3, "rate_limit"), (7, 2, "malformed_reply")],
    ids=["five-percent", "bursts", "truncated"],
)
async def test_failures_that_pass_change_nothing(
    tmp_path: Path, each: int, times: int, cause: FailureCause
) -> None:
    """Calls that succeed after retries lead to the same prompts, scores and verdict."""
    for name in ("calm", "rough"):
        (tmp_path / name).mkdir()
    calm = await begin(small_config(tmp_path / "calm"), tmp_path / "calm", scripted())
    flaky = Flaky(each, times, cause)
    rough = await begin(small_config(tmp_path / "rough"), tmp_path / "rough", scripted(flaky))
    assert flaky.failed > 0
    assert sorted(said(rough)) == sorted(said(calm))
    assert not [event for event in rough if event.kind == "call.failed"]


async def test_a_refused_key_stops_the_run_within_a_few_calls(tmp_path: Path) -> None:
    """If every call is refused, no more calls than slots are made, and nothing is scored."""
    model = scripted(lambda _request: ModelError("authentication", "The key is refused."))
    with pytest.raises(RunStopped, match="The key is refused"):
        await begin(small_config(tmp_path), tmp_path, model, slots=4)
    assert model.calls <= 4
    kinds = {event.kind for event in read(tmp_path)}
    assert "run.failed" in kinds
    assert "prompt.scored" not in kinds


async def test_a_model_that_crashes_stops_the_run(tmp_path: Path) -> None:
    """An exception of a model fails its call under its name, and is not taken for an empty reply."""

    def crash(_request: ModelRequest) -> str:
        raise ZeroDivisionError("a bug in the model")

    with pytest.raises(RunStopped, match="crashed: ZeroDivisionError: a bug in the model"):
        await begin(small_config(tmp_path), tmp_path, scripted(crash), slots=4)
    kinds = {event.kind for event in read(tmp_path)}
    assert {"call.failed", "run.failed"} <= kinds
    assert not {"call.finished", "prompt.scored"} & kinds
