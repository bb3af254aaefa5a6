"""A tokenizer that loads for seconds does not stop the event loop of a run that counts its tokens."""

import asyncio
import threading
from pathlib import Path

import pytest
from tiny_runs import ignore, reply_by_hash, tiny_config

from transfer_prompting.agents.models.base import ModelRequest, TokenCount
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.runtime import lifecycle

PATIENCE = 10.0  # seconds


class Loading(ScriptedModel):
    """A model whose first count takes until something else happens in the event loop."""

    def __init__(self) -> None:
        super().__init__(reply_by_hash)
        self.loop_ran = threading.Event()
        self.first_counts: list[bool] = []
        """Whether the event loop went on while a tokenizer was loaded."""

    def count(self, request: ModelRequest) -> TokenCount:
        if not self.first_counts:
            self.first_counts.append(self.loop_ran.wait(PATIENCE))
        return TokenCount(len(request.messages[-1].text), request.max_tokens, exact=True)


def loading(monkeypatch: pytest.MonkeyPatch) -> Loading:
    """Replace the models of every run by one that has not yet loaded its tokenizer."""
    model = Loading()
    pool = ModelPool.of(dict.fromkeys(("scorer", "reference"), model), slots=4)
    monkeypatch.setattr(lifecycle, "models_for", lambda *_: pool)
    return model


async def go_on(model: Loading) -> None:
    """Let something else than the run happen as soon as the model counts."""
    await asyncio.sleep(0.01)
    model.loop_ran.set()


async def test_the_event_loop_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tokenizer is loaded in another thread, when a run begins and when it is resumed."""
    config = tiny_config(tmp_path).model_copy(update={"budget": BudgetSettings(tokens=10**9)})
    log = tmp_path / "log.db"
    model = loading(monkeypatch)
    await asyncio.gather(lifecycle.start(config, tmp_path, log, ignore), go_on(model))
    assert model.first_counts == [True]
    model = loading(monkeypatch)
    await asyncio.gather(lifecycle.resume(log, "last", ignore), go_on(model))
    assert model.first_counts == [True]
