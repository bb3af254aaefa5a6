"""The cost of a program's calls by module agrees with the spending of the run."""

import shutil
from pathlib import Path

import pytest
import system_runs
from run_facts import disagreements, facts_of
from system_runs import RUN, system_log
from tenacity import wait_none

from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.projections.cost_breakdown import by_module, by_role
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.projections.slot_usage import slot_usage
from transfer_prompting.orchestration.projections.snapshots import Snapshots
from transfer_prompting.orchestration.projections.summary import summarised
from transfer_prompting.orchestration.projections.tables.catch_up import catch_up, open_views
from transfer_prompting.storage.sqlite.reader import LogReader


def history_of(log: Path) -> RunHistory:
    with LogReader(log) as reader:
        return read_history(reader, RUN)


def check_sums(history: RunHistory) -> None:
    """Assert that the modules have cost what the scorer has cost: in this run only the program asks it."""
    modules, state = by_module(history.state.spending), history.state
    [scorer] = [cost for cost in by_role(history) if cost.role == "scorer"]
    for name in (
        "calls",
        "prompt_tokens",
        "completion_tokens",
        "lost_tokens",
        "requests",
        "reused",
        "failures",
    ):
        expected = getattr(scorer, name)
        finished = sum(call.ended is not None for call in history.calls.of_models if call.role == "scorer")
        assert sum(getattr(cost, name) for cost in modules) == (finished if name == "calls" else expected)
    others = sum(cost.tokens for cost in by_role(history) if cost.role != "scorer")
    assert sum(cost.tokens for cost in modules) + others == state.spending.total.tokens


def test_modules_and_total_agree() -> None:
    """The tokens of the modules and of the roles that no program asks are the tokens of the run."""
    history = history_of(system_log())
    assert {cost.module for cost in by_module(history.state.spending)} == {"retrieve", "answer"}
    check_sums(history)


async def test_modules_bear_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts that got no reply are charged to the module too, so the sums still agree."""
    monkeypatch.setattr(retry, "WAIT", wait_none())
    usual, seen = system_runs.reply, set[str]()

    def troubled(request: ModelRequest) -> str | ModelReply | ModelError:
        text = request.messages[-1].text
        if "<instruction>" in text:
            return usual(request)
        if text.endswith(" 5"):
            return ModelError("bad_request", "The server refuses this text.")
        if text not in seen and text.endswith(" 4"):
            seen.add(text)
            return ModelError("server_error", "The server has a problem.", retryable=True)
        return usual(request) if text[-1].isalnum() and any(map(str.isdigit, text)) else "alive"

    monkeypatch.setattr(system_runs, "reply", troubled)
    history = history_of(await system_runs.search(tmp_path))
    assert sum(cost.failures for cost in by_module(history.state.spending)) > 0
    assert history.state.spending.lost_tokens > 0
    check_sums(history)


def test_incremental_and_from_zero() -> None:
    """A state that was kept half-way and goes on has the same modules as one that reads all at once."""
    with LogReader(system_log()) as reader:
        events = list(reader.read(RUN))
    whole, kept = RunState(), Snapshots()
    for number, event in enumerate(events):
        whole.apply(event, message_for(event))
        if number == len(events) // 2:
            kept.put(event.seq, whole)
    at, half = kept.before(events[-1].seq)
    for event in events:
        if event.seq > at:
            half.apply(event, message_for(event))
    assert by_module(half.spending) == by_module(whole.spending) != []


def test_views_agree_on_calls(tmp_path: Path) -> None:
    """Every view counts the calls of the program and none counts its executions as calls."""
    log = Path(shutil.copy(system_log(), tmp_path / "log.db"))
    facts = facts_of(log, RUN)
    assert disagreements(facts) == []
    with LogReader(log) as reader:
        events = list(reader.read(RUN, kinds=("call.requested",)))
        inner = [event for event in events if event.sender == "model/scorer.program"]
        executed = [event for event in events if event.recipients == ("model/scorer.program",)]
        assert facts["show"]["calls"]["requested"] == len(events) - len(executed)
        state = summarised(reader, RUN)
        assert state.calls.executions == len(executed)
        assert state.calls.in_flight == 0
        views = open_views(log)
        catch_up(views, reader, RUN)
        tables = views.dump(RUN)
        views.close()
    assert len(tables["execution"]) == len(executed)
    assert sum(row["execution"] is not None for row in tables["call"]) == len(inner)
    assert {row["module"] for row in tables["call"]} == {"retrieve", "answer", None}


def test_open_executions_take_no_slot() -> None:
    """While executions are under way, only their calls are in flight and take slots of the models."""
    with LogReader(system_log()) as reader:
        events = list(reader.read(RUN))
    state, most = RunState(), 0
    for event in events:
        state.apply(event, message_for(event))
        inner = state.calls.open_by_role()
        assert "scorer.program" not in inner
        most = max(most, slot_usage(state).busy)
    assert most > 0
