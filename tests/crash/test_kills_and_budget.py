"""A run with a budget that is killed while it tries again never sends more than it may pay for."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from budget_runs import short_config, spend
from hanging import no_hanging  # noqa: F401 - a fixture
from tenacity import wait_none
from tiny_runs import RUN, copy_prefix, read, reply_by_hash

from transfer_prompting.agents.messages import RunFinished, RunResumed
from transfer_prompting.agents.messages.codec import decode, encode
from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.probe import PROBE
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.lineage.extend import extend
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.trust.consent import Consent
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

SLOTS = 8
AMPLE = BudgetSettings(calls=10**6)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(retry, "WAIT", wait_none())


class Mortal(ScriptedModel):
    """A model that fails often, counts its requests, and falls silent for good with the `last` one.

    A request that it never answers is what a killed process leaves: sent, and of unknown outcome.
    """

    def __init__(self, seed: int, last: int = 10**9, failing: float = 0.6) -> None:
        super().__init__(self._flaky)
        self._random = Random(seed)
        self._failing = failing
        self._last = last
        self.silent = asyncio.Event()

    def _flaky(self, request: ModelRequest) -> str | ModelError:
        if self._random.random() < self._failing:
            return ModelError("server_error", "Not now.", retryable=self._random.random() < 0.8)
        return reply_by_hash(request)

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Answer, fail, or never return."""
        if self.calls >= self._last:
            self.calls += 1
            self.silent.set()
            await asyncio.Event().wait()
        return await super().reply(request)


def paid_config(folder: Path, slots: int = SLOTS) -> Config:
    """Return a configuration of a small run against a paid server that takes so many requests at a time."""
    model = {"provider": "openai", "model": "m", "base_url": "http://127.0.0.1:9/v1", "concurrency": slots}
    config = short_config(folder).model_dump(mode="json")
    return Config.model_validate({**config, "models": {"scorer": model, "reference": model}})


def new_folder(folder: Path, name: str) -> Path:
    """Make a folder."""
    (folder / name).mkdir()
    return folder / name


async def live_and_die(
    config: Config,
    folder: Path,
    heir: Path,
    model: "Mortal | Dead",
    budget: BudgetSettings,
    *,
    going_on: bool,
) -> int:
    """Carry a run on until its model falls silent; leave in `heir` the log that a kill would have left then.

    Return the number of requests that had been sent by then.
    """
    running = asyncio.ensure_future(
        spend(config, folder, model, budget, going_on=going_on, slots=config.models.scorer.concurrency)
    )
    dead = asyncio.ensure_future(model.silent.wait())
    await asyncio.wait([running, dead], return_when=asyncio.FIRST_COMPLETED)
    sent, events = model.calls, read(folder)
    await copy_prefix(events, heir)
    for task in (running, dead):
        task.cancel()
    with suppress(asyncio.CancelledError, RunStopped):
        await running
    return sent


@pytest.mark.parametrize("seed", range(3))
async def test_twenty_kills_stay_within_the_budget(tmp_path: Path, seed: int) -> None:
    """However often a run is killed between two attempts, all its lives together keep to the budget.

    Lost otherwise: the user's money. Nine hundred requests were sent on a budget of five hundred.
    """
    config, budget, random = paid_config(tmp_path), BudgetSettings(calls=250), Random(seed)
    sent, folder = 0, tmp_path
    for life in range(21):
        model = Mortal(1000 * seed + life, last=random.randint(1, 40) if life < 20 else 10**9)
        heir = new_folder(tmp_path, f"life-{life}")
        sent += await live_and_die(config, folder, heir, model, budget, going_on=life > 0)
        folder = heir
        assert sent <= 250
    assert sent > 100


@pytest.mark.parametrize("last", [1, 2, 3, 5, 9, 14, 23, 40, 61, 90])
async def test_no_sent_request_is_forgotten(tmp_path: Path, last: int) -> None:
    """After a kill at any request, the account holds all that were sent, and hardly more.

    More can only be one request for each slot, and a probe, whose outcome is unknown.
    """
    config, model = paid_config(tmp_path), Mortal(last, last)
    sent = await live_and_die(config, tmp_path, new_folder(tmp_path, "heir"), model, AMPLE, going_on=False)
    charged = charged_on_resumption(read(tmp_path / "heir"))
    assert sent <= charged <= sent + SLOTS + 1


def charged_on_resumption(events: Sequence[Event]) -> int:
    """Return the number of requests in the account of the run once it is resumed."""
    state = RunState()
    for event in events:
        state.apply(event, message_for(event))
    ended = {e.cause for e in events if e.kind == "call.finished"}
    ended |= {e.cause for e in events if e.kind == "call.failed" and decode(e).model_dump()["final"]}
    open_ = tuple(e.id for e in events if e.kind == "call.requested" and e.id not in ended)
    resumed = RunResumed(reissued=open_, versions={})
    last = events[-1]._replace(kind=resumed.kind, sender="user", cause=None, data=encode(resumed))
    state.apply(last, resumed)
    return state.spending.total.calls


async def test_a_finished_run_is_charged_exactly(tmp_path: Path) -> None:
    """The records of failed attempts are not charged besides the outcomes, which count them again."""
    model = Mortal(7, failing=0.3)
    events = await spend(paid_config(tmp_path), tmp_path, model, AMPLE, slots=SLOTS)
    assert isinstance(decode(events[-1]), RunFinished)
    assert "call.attempted" in {event.kind for event in events}
    state = RunState()
    for event in events:
        state.apply(event, message_for(event))
    assert state.run == RUN
    assert state.spending.total.calls == model.calls


class Dead(ScriptedModel):
    """A model that fails every request and falls silent for good with the third attempt at a probe."""

    def __init__(self) -> None:
        super().__init__(self._fail)
        self.probes = 0
        self.silent = asyncio.Event()

    def _fail(self, request: ModelRequest) -> ModelError:
        return ModelError("server_error", "No.", retryable=request == PROBE)

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Fail or never return."""
        self.probes += request == PROBE
        if self.probes > 2 and request == PROBE:
            self.calls += 1
            self.silent.set()
            await asyncio.Event().wait()
        return await super().reply(request)


async def test_attempts_at_a_probe_are_not_forgotten(tmp_path: Path) -> None:
    """A run that is killed while it tests its backend is charged for every attempt at that."""
    model = Dead()
    sent = await live_and_die(
        paid_config(tmp_path, 1), tmp_path, new_folder(tmp_path, "heir"), model, AMPLE, going_on=False
    )
    charged = charged_on_resumption(read(tmp_path / "heir"))
    assert sent <= charged <= sent + 2


async def test_a_killed_run_that_is_extended_carries_what_was_under_way(tmp_path: Path) -> None:
    """If a run is killed after its budget has ended, raising the budget does not forget the open calls."""
    config, model = paid_config(tmp_path), Mortal(3, 50, failing=0.2)
    heir = new_folder(tmp_path, "heir")
    sent = await live_and_die(config, tmp_path, heir, model, BudgetSettings(calls=60), going_on=False)
    assert "budget.exhausted" in {event.kind for event in read(heir)}
    fork, _ = await extend(heir / "log.db", RUN, "calls=500", consent=Consent(trust=True))
    with LogReader(heir / "log.db") as reader:
        events = list(reader.read(fork))
    state = RunState()
    for event in events:
        state.apply(event, message_for(event))
    assert state.spending.total.calls >= sent
