"""`tp diff` finds where two runs part, and lays what came of it side by side."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from console_script import CAREFUL, PLAIN, SHORT, Script, end_race, open_stage, opening
from program_calls import Tp
from tiny_runs import RUN, begin, ignore, read, scripted, tiny_config

from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.projections.run_diff import compare
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str, int]:
    """A log with a run and a fork of it that is less bold; the fork's name and the seq they share."""
    model = scripted()
    roles = ("scorer", "reference")
    monkeypatch.setattr(
        lifecycle, "models_for", lambda *_: ModelPool.of(dict.fromkeys(roles, model), slots=16)
    )

    async def make() -> tuple[Path, str, int]:
        original = await begin(tiny_config(tmp_path), tmp_path, model)
        at = next(e.seq for e in original if e.kind == "proposals.requested") - 1
        log = tmp_path / "log.db"
        name = await fork(log, RUN, at, {"search.temperature": 0.25})
        await lifecycle.resume(log, name, ignore)
        return log, name, at

    return asyncio.run(make())


def test_the_first_divergence(forked: tuple[Path, str, int]) -> None:
    """It is the first message that was said otherwise, with its seq in both runs and what differs."""
    log, name, at = forked
    with LogReader(log) as reader:
        found = compare(reader, RUN, name)
        seqs = {e.seq: e.run for run in (RUN, name) for e in reader.read(run)}
    assert found.divergence is not None
    first, second = found.divergence.seqs
    assert first is not None
    assert first > at
    assert found.divergence.kind == "call.requested"  # with another temperature: a call of its own
    assert seqs[first] == RUN
    assert second is None
    (setting,) = found.settings
    assert (setting.place, setting.first, setting.second) == ("search.temperature", 1.0, 0.25)


def test_side_by_side(forked: tuple[Path, str, int], tp: Tp) -> None:
    """Prompts have the scores of both runs, and calls are counted for both."""
    log, name, _ = forked
    shown: dict[str, Any] = json.loads(tp("diff", RUN, name, "--json", "--log", log).out)
    assert shown["runs"] == [RUN, name]
    both = [p["scores"] for p in shown["prompts"] if None not in p["scores"]]
    assert both
    assert all(one == other for one, other in both)
    assert all(calls["finished"] > 0 for calls in shown["calls"])
    text = tp("diff", RUN, name, "--log", log)
    assert text.status == 0
    assert "First divergence: call.requested, seq" in text.out
    assert f"missing in {name}" in text.out
    assert "search.temperature" in text.out
    assert "prompt tokens" in text.out


def test_the_same(forked: tuple[Path, str, int], tp: Tp) -> None:
    """A run does not differ from itself; notes and seqs are no difference."""
    log, _, _ = forked
    assert "say the same" in tp("diff", RUN, RUN, "--log", log).out
    assert read(log.parent)


def test_other_words(forked: tuple[Path, str, int]) -> None:
    """Where both runs speak in the same place, the fields that differ are named with both values."""
    from transfer_prompting.orchestration.projections.run_diff import _divergence, _entries

    log, _, _ = forked
    events = read(log.parent)
    place = next(i for i, e in enumerate(events) if e.kind == "proposals.made")
    changed = json.loads(events[place].data)
    changed["candidates"][0]["text"] = "Other words."
    others = [*events]
    others[place] = events[place]._replace(data=json.dumps(changed).encode())
    found = _divergence(_entries(events), _entries(others))
    assert found is not None
    assert found.kind == "proposals.made"
    assert found.seqs == (events[place].seq, events[place].seq)
    assert [d.place for d in found.differences] == ["candidates[0].text"]
    assert found.differences[0].second == "Other words."
    shorter = _divergence(_entries(events[:place]), _entries(events))
    assert shorter is not None
    assert shorter.seqs == (None, events[place].seq)


async def test_races_that_take_turns_otherwise(tmp_path: Path) -> None:
    """Where the races of two steps only take turns in another order, the runs have not parted."""
    log = await EventLog.open(tmp_path / "log.db")
    for run in ("one", "other"):
        script = Script(run)
        opening(script)
        open_stage(script, "source", ("near",), PLAIN)
        races = [(1, CAREFUL), (2, SHORT)]
        for step, prompt in races if run == "one" else reversed(races):
            script.request(prompt, step=step)
        for step, prompt in races if run == "one" else reversed(races):
            end_race(script, "source", step, (prompt, 4), winner=prompt)
        for e in script.events:
            await log.append([Draft(run, f"{run}/{e.id}", *e[4:8], None, e.data)])
    await log.close()
    with LogReader(tmp_path / "log.db") as reader:
        assert compare(reader, "one", "other").divergence is None
