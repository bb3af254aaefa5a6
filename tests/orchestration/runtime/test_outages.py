"""A model that two roles share is away for a moment, while the run has a budget."""

import json
from collections import Counter
from pathlib import Path

import pytest
from budget_runs import short_config, spend
from tiny_runs import RUN, copy_prefix, ignore, reply_by_hash, scripted

from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.lineage.copy_events import Copier
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event, event_id

BUDGET = BudgetSettings(calls=45)


def away_for_a_moment(*, answers_probe: bool = True) -> ScriptedModel:
    """Return a model that answers ten requests and then no other until it is probed."""
    back = False

    def answer(request: ModelRequest) -> str | ModelError:
        nonlocal back
        if request.messages[-1].text == "Say yes.":
            back = True
            return "yes" if answers_probe else ModelError("connection", "The server has gone away.")
        if model.calls > 10 and not back:
            return ModelError("connection", "The server has gone away.")
        return reply_by_hash(request)

    model = scripted(answer)
    return model


async def _outage(folder: Path) -> list[Event]:
    return await spend(short_config(folder), folder, away_for_a_moment(), BUDGET)


async def test_a_run_outlives_a_short_outage_and_the_end_of_its_budget(tmp_path: Path) -> None:
    """A probe and the end of the budget are two events, and the run has a verdict."""
    events = await _outage(tmp_path)
    kinds = [event.kind for event in events]
    assert kinds.count("backend.probed") >= 1
    assert kinds.count("budget.exhausted") == 1
    assert kinds[-1] == "run.finished"
    assert await lifecycle.reenact(tmp_path / "log.db", RUN, ignore) == len(events)


async def test_a_run_that_an_outage_stopped_is_resumed_to_the_end_of_its_budget(tmp_path: Path) -> None:
    """A probe without an answer stops the run, and the resumed run ends its budget and has a verdict."""
    config = short_config(tmp_path)
    with pytest.raises(RunStopped, match="does not answer"):
        await spend(config, tmp_path, away_for_a_moment(answers_probe=False), BUDGET)
    events = await spend(config, tmp_path, scripted(), BUDGET, going_on=True)
    assert "budget.exhausted" in {event.kind for event in events}
    assert events[-1].kind == "run.finished"


async def test_a_probe_names_the_call_that_caused_it(tmp_path: Path) -> None:
    """A probe of a shared model is caused by a failed call, whichever role made it."""
    events = await _outage(tmp_path)
    calls = {event.id for event in events if event.kind == "call.requested"}
    probes = [event for event in events if event.kind == "backend.probed"]
    assert probes
    assert all(probe.cause in calls for probe in probes)


async def test_ids_of_the_runtime_differ_by_kind(tmp_path: Path) -> None:
    """The id of each message of the runtime derives from its kind, too."""
    events = await _outage(tmp_path)
    numbered: Counter[str | None] = Counter()
    for event in events:
        if event.sender == "runtime":
            ordinal = numbered[event.cause]
            assert event.id != event_id(RUN, event.cause, "runtime", ordinal)
            assert event.id == event_id(RUN, event.cause, "runtime", ordinal, event.kind)
            numbered[event.cause] += 1


def _as_written_before(events: list[Event]) -> list[Event]:
    """Return the events up to a probe, which has the id that earlier versions gave it."""
    end = next(i for i, event in enumerate(events) if event.kind == "backend.probed")
    probe = events[end]._replace(id=event_id(RUN, "", "runtime", 0), cause="")
    return [*events[:end], probe]


async def test_a_run_that_an_earlier_version_could_not_end_is_resumed(tmp_path: Path) -> None:
    """A log whose probe took the id of the end of the budget can be resumed to a verdict, and replays."""
    old = _as_written_before(await _outage(tmp_path))
    folder = tmp_path / "old"
    folder.mkdir()
    await copy_prefix(old, folder)
    events = await spend(short_config(folder), folder, scripted(), BUDGET, going_on=True)
    assert events[-1].kind == "run.finished"
    assert "budget.exhausted" in {event.kind for event in events}
    assert await lifecycle.reenact(folder / "log.db", RUN, ignore) == len(events)


@pytest.mark.parametrize("old", [False, True], ids=["new ids", "old ids"])
async def test_ids_of_both_versions_are_copied(tmp_path: Path, old: bool) -> None:
    """A fork derives each id by the rule from which the original was derived."""
    events = await _outage(tmp_path)
    events = _as_written_before(events) if old else events
    copies = [draft for _, draft in Copier("copy").copy(events)]
    ids = dict(zip((event.id for event in events), (copy.id for copy in copies), strict=True))
    probe = next(copy for copy in copies if copy.kind == "backend.probed")
    [original] = [event for event in events if ids[event.id] == probe.id]
    kind = "" if old else probe.kind
    cause = None if old else ids[original.cause or ""]
    # Failed attempts at the same call are numbered before the probe.
    attempts = [event for event in events if event.kind == "call.attempted" and event.cause == original.cause]
    assert probe.id == event_id("copy", cause, "runtime", 0 if old else len(attempts), kind)
    assert json.loads(probe.data)["alive"]
