"""Every two views of one log say the same: displays, lists, reports, tables, budget and curator."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from harbour_run import RUN as JUDGED
from harbour_run import harbour_log
from hypothesis import given, settings
from hypothesis import strategies as st
from run_facts import disagreements, facts_of
from tenacity import wait_none
from tiny_runs import RUN, begin, copy_prefix, read, reply_by_hash, resume, scripted, tiny_config

from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.probe import PROBE
from transfer_prompting.agents.roles import curator
from transfer_prompting.agents.search.stage_state import StageState
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.history import read_history
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

PRICE = Price(input=0.37, output=1.9, cached=0.1)
Answer = Callable[[ModelRequest], str | ModelReply | ModelError]


@pytest.fixture(autouse=True)
def _immediate_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make retries immediate."""
    monkeypatch.setattr(retry, "WAIT", wait_none())


def config_in(folder: Path, **search: Any) -> Config:
    """Return a small run with prices, several steps at a time, and a control."""
    options: dict[str, Any] = {"examples": 12, "control": True, "concurrent_steps": 3, **search}
    return tiny_config(folder, price=PRICE, **options)


class Troubled:
    """A model that fails as real ones do: each text has its own fate, which `seed` decides.

    Some requests fail once or twice before they succeed, some for good, and some replies come from a cache.
    """

    def __init__(self, seed: int, *, retried: float = 0.0, lost: float = 0.0, cached: float = 0.0) -> None:
        self._seed, self._retried, self._lost, self._cached = seed, retried, lost, cached
        self._attempts: dict[str, int] = {}

    def __call__(self, request: ModelRequest) -> str | ModelReply | ModelError:
        text = request.messages[-1].text
        fate = Random(f"{self._seed}/{text}/{request.sample}")
        attempt = self._attempts[text] = self._attempts.get(text, 0) + 1
        # A server that refuses even the probe counts as gone, which stops the run.
        if "<instruction>" not in text and fate.random() < self._lost and request != PROBE:
            return ModelError("bad_request", "The server refuses this text.")
        if fate.random() < self._retried and attempt <= fate.randint(1, 2):
            return ModelError("server_error", "The server has a problem.", retryable=True)
        reply = reply_by_hash(request)
        if fate.random() < self._cached:
            return ModelReply(
                text=reply, finish="stop", prompt_tokens=90, completion_tokens=7, cached_tokens=60
            )
        return reply


def check(log: Path, run: str = RUN) -> None:
    """Assert that all views agree on everything that two of them tell."""
    assert disagreements(facts_of(log, run)) == []


async def test_a_smooth_run(tmp_path: Path) -> None:
    """Views agree on a run without any fault."""
    await begin(config_in(tmp_path), tmp_path, scripted())
    check(tmp_path / "log.db")


async def test_retries_and_cached_prompts(tmp_path: Path) -> None:
    """Views agree on attempts that got no reply, which are charged at their worst case, and cached tokens."""
    await begin(config_in(tmp_path), tmp_path, scripted(Troubled(1, retried=0.3, cached=0.5)))
    facts = facts_of(tmp_path / "log.db", RUN)
    assert facts["display"]["lost tokens"] > 0
    assert facts["display"]["requests"] > facts["display"]["calls"]["finished"]
    assert disagreements(facts) == []


async def test_excluded_examples(tmp_path: Path) -> None:
    """Views agree on scores and their numbers of examples after calls that failed for good."""
    events = await begin(config_in(tmp_path), tmp_path, scripted(Troubled(3, lost=0.06)))
    assert any(json.loads(e.data)["excluded"] for e in events if e.kind == "prompt.scored")
    check(tmp_path / "log.db")


async def test_an_outage_and_a_resumption(tmp_path: Path) -> None:
    """Views agree on probes, on the running time of a run that was down, and on the calls made again."""
    config, asked = config_in(tmp_path), 0

    def away(request: ModelRequest) -> str | ModelError:
        nonlocal asked
        asked += 1
        return reply_by_hash(request) if asked < 60 else ModelError("connection", "Gone.", retryable=True)

    with pytest.raises(RunStopped):
        await begin(config, tmp_path, scripted(away))
    check(tmp_path / "log.db")
    events = await resume(config, tmp_path, scripted())
    kinds = {event.kind for event in events}
    assert {"backend.probed", "run.failed", "run.resumed", "call.failed"} <= kinds
    check(tmp_path / "log.db")


async def test_kills(tmp_path: Path) -> None:
    """Views agree at every moment of a run that was killed twice: what was under way is charged in all."""
    (tmp_path / "whole").mkdir()
    config = config_in(tmp_path / "whole")
    whole = await begin(config, tmp_path / "whole", scripted(Troubled(5, retried=0.2)))
    await copy_prefix(whole[: len(whole) // 3], tmp_path)
    later = await resume(config, tmp_path, scripted(Troubled(5, retried=0.2)))
    again = tmp_path / "again"
    again.mkdir()
    await copy_prefix(later[: 2 * len(later) // 3], again)
    await resume(config, again, scripted())
    check(again / "log.db")
    assert facts_of(again / "log.db", RUN)["ledger"]["charged tokens"] > 0


async def test_forks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Views agree on a fork, whose copied calls cost what they cost, and on its origin."""
    config = config_in(tmp_path)
    events = await begin(config, tmp_path, scripted(Troubled(7, retried=0.2)))
    at = events[len(events) // 2].seq
    name = await fork(tmp_path / "log.db", RUN, at, {})
    check(tmp_path / "log.db")
    check(tmp_path / "log.db", name)


async def test_redactions(tmp_path: Path) -> None:
    """Views agree on a run of which a reply, a failure and a request were redacted."""
    events = await begin(config_in(tmp_path), tmp_path, scripted(Troubled(3, lost=0.05, retried=0.2)))
    for kind in ("call.finished", "call.failed", "call.requested"):
        seq = [event.seq for event in events if event.kind == kind][-1]
        await redact(tmp_path / "log.db", RUN, seq, "private")
    facts = facts_of(tmp_path / "log.db", RUN)
    assert disagreements(facts) == []


def test_a_judged_run() -> None:
    """Views agree on a run with a judge, two source tasks and a control."""
    assert disagreements(facts_of(harbour_log(), JUDGED)) == []


async def test_every_prefix(tmp_path: Path) -> None:
    """Views agree wherever a log ends."""
    (tmp_path / "whole").mkdir()
    whole = await begin(
        config_in(tmp_path / "whole"), tmp_path / "whole", scripted(Troubled(11, retried=0.2, lost=0.05))
    )
    for end in range(1, len(whole), 61):
        folder = tmp_path / f"end{end}"
        folder.mkdir()
        await copy_prefix(whole[:end], folder)
        check(folder / "log.db")


async def test_the_curator_ranks_as_the_leaderboards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each leaderboard has the curator's scores, numbers of examples and order, also after exclusions."""
    states: list[StageState] = []

    def remember(*arguments: Any, **options: Any) -> StageState:
        states.append(StageState(*arguments, **options))
        return states[-1]

    monkeypatch.setattr(curator, "StageState", remember)
    events = await begin(config_in(tmp_path), tmp_path, scripted(Troubled(3, lost=0.06)))
    shown = _state(events)
    assert {state.stage for state in states} == set(shown.leaderboards) == {"source", "target", "control"}
    for state in states:
        board = shown.leaderboards[state.stage]
        ranked = [standing for standing in state.standings.ranked() if standing.by_task]
        assert [(s.candidate.id, s.score, s.examples) for s in ranked] == [
            (row.candidate.id, row.score, row.n) for row in board.ranked()
        ]
        assert state.standings.front() == board.front
    assert any(state.standings.excluded for state in states)


def _state(events: list[Event]) -> RunState:
    state = RunState()
    for event in events:
        state.apply(event, message_for(event))
    return state


@settings(max_examples=6, deadline=None, database=None)
@given(
    seed=st.integers(0, 10**6),
    retried=st.sampled_from([0.0, 0.1, 0.4]),
    lost=st.sampled_from([0.0, 0.03]),
    steps=st.integers(1, 4),
    cut=st.floats(0.1, 0.9),
)
async def test_generated_runs(seed: int, retried: float, lost: float, steps: int, cut: float) -> None:
    """Views agree on generated runs: any faults, any number of steps at a time, a kill at any point."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "whole").mkdir()
        config = config_in(folder / "whole", concurrent_steps=steps, examples=8, control=False)
        model = scripted(Troubled(seed, retried=retried, lost=lost, cached=0.2))
        whole = await begin(config, folder / "whole", model)
        await copy_prefix(whole[: max(3, int(len(whole) * cut))], folder)
        await resume(config, folder, model)
        assert disagreements(facts_of(folder / "log.db", RUN)) == []
        assert read(folder)[-1].kind == "run.finished"


async def test_a_replay_changes_no_fact(tmp_path: Path) -> None:
    """A replay leaves the history of a run as it was."""
    await begin(config_in(tmp_path), tmp_path, scripted(Troubled(2, retried=0.2)))
    before = facts_of(tmp_path / "log.db", RUN)
    await lifecycle.reenact(tmp_path / "log.db", RUN, lambda _event: None)
    assert facts_of(tmp_path / "log.db", RUN) == before
    with LogReader(tmp_path / "log.db") as reader:
        assert read_history(reader, RUN).state.status == "finished"
