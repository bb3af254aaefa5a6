"""Runs with one source stage and several targets."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fold_runs import use_model
from program_calls import Tp
from tiny_runs import copy_prefix, ignore, said, tiny_config, write_task

from transfer_prompting.agents.messages import (
    BudgetExhausted,
    Message,
    PromptPromoted,
    PromptScored,
    StageFinished,
    StageStarted,
    TargetFinished,
    TargetsFinished,
)
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.stage_names import stage_target
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.lineage.extend import extend
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.listed_runs import listed_runs
from transfer_prompting.orchestration.projections.no_result import find_reason
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.runtime.lifecycle import reenact, resume, start
from transfer_prompting.orchestration.schemas.json_schema import document_type
from transfer_prompting.orchestration.trust.records import remember
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader

TARGETS = ("second", "third", "fourth")


def config(folder: Path, **search: Any) -> Config:
    """Return the configuration of a run with three targets and one source."""
    one = tiny_config(folder, **search)
    for name in TARGETS[1:]:
        if not (folder / name).exists():
            write_task(folder, name)
    settings = one.only_target.model_dump(exclude={"task"})
    targets = {**settings, "tasks": TARGETS, "each": {"third": {"steps": 1}}}
    return one.changed({"target": None, "targets": targets})


async def run(folder: Path, **search: object) -> tuple[str, list[Event]]:
    name, _ = await start(config(folder, **search), folder, folder / "log.db", ignore)
    return name, events_of(folder, name)


def events_of(folder: Path, name: str) -> list[Event]:
    with open_reader(folder / "log.db") as reader:
        return list(reader.read(name))


def messages(events: list[Event]) -> list[Message]:
    return [decode(event) for event in events if not event.kind.startswith("call.")]


async def test_each_target_has_a_stage_and_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One source stage; then for each target a promotion, a stage with its settings, and a comparison."""
    use_model(monkeypatch)
    _, events = await run(tmp_path)
    found = messages(events)
    stages = [(one.stage, one.tasks, one.steps) for one in found if isinstance(one, StageStarted)]
    assert stages == [
        ("source", ("first",), 2),
        ("target:second", ("second",), 2),
        ("target:third", ("third",), 1),
        ("target:fourth", ("fourth",), 2),
    ]
    promoted = [one.into for one in found if isinstance(one, PromptPromoted)]
    assert promoted == [f"target:{name}" for name in TARGETS]
    finals = {(m.stage, m.task) for m in found if isinstance(m, PromptScored) and m.purpose == "final"}
    assert finals == {(f"target:{name}", name) for name in TARGETS}
    verdicts = [one for one in found if isinstance(one, TargetFinished)]
    assert [stage_target(one.stage) for one in verdicts] == list(TARGETS)
    assert found[-1] == TargetsFinished(
        targets=TARGETS,
        improved=tuple(stage_target(one.stage) for one in verdicts if one.verdict.improved),
    )


async def test_later_targets_learn_from_earlier_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each target is given the lessons of the sources and of all targets before it, also without sources."""
    use_model(monkeypatch)
    _, events = await run(tmp_path)
    stages = ("source", *(f"target:{name}" for name in TARGETS))
    promoted = [one for one in messages(events) if isinstance(one, PromptPromoted)]
    assert [one.taught_by for one in promoted] == [stages[:1], stages[:2], stages[:3]]
    alone = config(tmp_path).changed({"source": {"tasks": ()}, "seed": 2})
    name, _ = await start(alone, tmp_path, tmp_path / "log.db", ignore)
    found = messages(events_of(tmp_path, name))
    taught = {one.into: one.taught_by for one in found if isinstance(one, PromptPromoted)}
    assert taught
    assert taught == {into: stages[1 : stages.index(into)] for into in taught}
    assert await reenact(tmp_path / "log.db", name, ignore) == len(events_of(tmp_path, name))


async def test_is_resumed_replayed_and_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replays are byte for byte the same, and a fork within the second target ends as the run did."""
    use_model(monkeypatch)
    name, events = await run(tmp_path)
    log = tmp_path / "log.db"
    assert await reenact(log, name, ignore) == len(events)
    second = next(e.seq for e in events if e.kind == "stage.started" and b"target:third" in e.data)
    forked = await fork(log, name, second, {})
    _, ended = await resume(log, forked, ignore)
    assert isinstance(ended, TargetsFinished)
    notes = ("run.forked", "fork.made")
    theirs = [one for one in said(events_of(tmp_path, forked)) if one[0] not in notes]
    assert theirs == [one for one in said(events) if one[0] not in notes]
    with pytest.raises(ConfigError, match="the run finished"):
        await fork(log, name, events[-1].seq, {})


async def test_the_evaluations_are_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sources get their share, and each target an equal part of what is left when it begins."""
    use_model(monkeypatch)
    _, events = await run(tmp_path, evaluations=80)
    source, *others = [m for m in messages(events) if isinstance(m, StageFinished)]
    assert source.evaluations <= 60
    spent = source.evaluations
    for left, one in zip((3, 2, 1), others, strict=True):
        assert f"with a budget of {max(1, round((80 - spent) / left))}" in one.reason
        spent += one.evaluations


async def test_a_control_may_spend_the_part_of_its_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control may spend what the stage of its target has cost, and a third of the source stage."""
    use_model(monkeypatch)
    _, events = await run(tmp_path, control=True)
    finished = {m.stage: m.spent for m in messages(events) if isinstance(m, StageFinished)}
    budgets = {m.stage: m.budget for m in messages(events) if isinstance(m, StageStarted)}
    for name in TARGETS:
        assert budgets[f"control:{name}"] == finished["source"].shared(3) + finished[f"target:{name}"]


HELD_OUT = 3 * 2 * 6
"""Most calls of the final comparisons of three targets."""


async def budgeted(folder: Path, limits: Mapping[str, float], **search: Any) -> tuple[str, list[Event]]:
    """Carry out a run with a budget; return its name and its log."""
    limited = config(folder, **search).changed({"budget": limits})
    name, ended = await start(limited, folder, folder / "log.db", ignore)
    assert isinstance(ended, TargetsFinished)
    return name, events_of(folder, name)


async def test_every_verdict_is_paid_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the share of each target ends before its steps do, each still has its comparison."""
    use_model(monkeypatch)
    _, events = await budgeted(tmp_path, {"calls": HELD_OUT + 90})
    ended = [one for one in messages(events) if isinstance(one, BudgetExhausted)]
    assert [one.stage for one in ended] == ["target:second", "target:third", None]
    verdicts = [one.verdict for one in messages(events) if isinstance(one, TargetFinished)]
    assert [verdict.excluded for verdict in verdicts] == [0, 0, 0]
    assert all(verdict.comparisons for verdict in verdicts)


@pytest.mark.parametrize(
    "limits",
    [{"calls": HELD_OUT + 130}, {"tokens": 14_000}, {"calls": HELD_OUT + 160, "tokens": 60_000}],
    ids=["calls", "tokens", "both"],
)
async def test_the_budget_is_shared(
    limits: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No target uses more than its part of what is left when its stage begins, and none goes without."""
    use_model(monkeypatch)
    name, events = await budgeted(tmp_path, limits, control=True)
    spent: dict[str, dict[str, int]] = {}
    before: dict[str, dict[str, int]] = {}
    total, target = {"calls": 0, "tokens": 0}, ""
    for event in events:
        if event.kind == "stage.started":
            target = stage_target(json.loads(event.data)["stage"])
            before.setdefault(target, dict(total))
        elif event.kind == "call.finished" and (reply := json.loads(event.data)).get("reused") is None:
            total["calls"] += 1
            total["tokens"] += reply["reply"]["prompt_tokens"] + reply["reply"]["completion_tokens"]
        elif event.kind == "scoring.requested" and json.loads(event.data)["purpose"] == "final":
            spent.setdefault(target, {limit: total[limit] - before[target][limit] for limit in total})
    assert list(spent) == [*TARGETS]
    assert all(total[limit] <= most for limit, most in limits.items())
    for left, one in zip((3, 2, 1), TARGETS, strict=True):
        assert spent[one]["calls"] >= 12
        for limit, most in limits.items():
            assert spent[one][limit] <= (most - before[one][limit]) / left
    assert await reenact(tmp_path / "log.db", name, ignore) == len(events)


async def test_what_is_left_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that needs less than its share leaves the rest to those after it."""
    use_model(monkeypatch)
    _, ample = await budgeted(tmp_path, {"calls": 2000})
    assert "budget.exhausted" not in [event.kind for event in ample]
    short = {"each": {"second": {"steps": 1, "candidates": 1}, "third": {"steps": 1, "candidates": 1}}}
    folder = tmp_path / "short"
    folder.mkdir()
    settings = config(folder).targets
    assert settings is not None
    calls = sum(event.kind == "call.finished" for event in ample)
    limited = config(folder).changed(
        {"targets": {**settings.model_dump(), **short}, "budget": {"calls": calls - 30}}
    )
    name, _ = await start(limited, folder, folder / "log.db", ignore)
    assert "budget.exhausted" not in [event.kind for event in events_of(folder, name)]


async def test_a_share_ends_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is cut off anywhere and resumed keeps its shares, and each of them ends once at most."""
    use_model(monkeypatch)
    limits = {"calls": HELD_OUT + 90}
    name, whole = await budgeted(tmp_path, limits)
    ends = [at for at, event in enumerate(whole) if event.kind == "budget.exhausted"]
    for number, cut in enumerate((ends[0], ends[0] + 1, ends[0] + 12, ends[1] + 1, len(whole) - 4)):
        folder = tmp_path / str(number)
        folder.mkdir()
        await copy_prefix(whole[:cut], folder)
        remember(name, whole[0].data, config(tmp_path).changed({"budget": limits}))
        _, ended = await resume(folder / "log.db", name, ignore)
        assert isinstance(ended, TargetsFinished)
        events = events_of(folder, name)
        found = [one for one in messages(events) if isinstance(one, BudgetExhausted)]
        assert [one.stage for one in found] == ["target:second", "target:third", None]
        assert sum(event.kind == "call.finished" for event in events) <= limits["calls"]
        assert all(one.verdict.comparisons for one in messages(events) if isinstance(one, TargetFinished))
        assert await reenact(folder / "log.db", name, ignore) == len(events)


async def test_more_budget_is_shared_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose shares have ended and that is given more goes on from the first of these ends."""
    use_model(monkeypatch)
    name, _ = await budgeted(tmp_path, {"calls": HELD_OUT + 90})
    more, limits = await extend(tmp_path / "log.db", name, "calls=2000")
    second, _ = await resume(tmp_path / "log.db", more, ignore, budget=limits)
    assert "budget.exhausted" not in [event.kind for event in events_of(tmp_path, second)]


def test_the_commands_name_the_target(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command about one prompt wants to know the target; those about the run tell of all of them."""
    use_model(monkeypatch)
    name, events = asyncio.run(run(tmp_path))
    log = ("--log", "log.db")
    verdicts = {stage_target(m.stage): m.verdict for m in messages(events) if isinstance(m, TargetFinished)}
    for command in (["best"], ["why", name, "best"], ["report"]):
        ended = tp(*command, *log)
        assert ended.status == 2
        assert "has the targets second, third, fourth: choose one with --target NAME" in ended.err
    for target, verdict in verdicts.items():
        found = json.loads(tp("best", name, "--target", target, "--json", *log).out)
        assert found["best"]["text"] == verdict.best.text
        assert found["verdict"] == verdict.verdict
        shown = tp("show", name, "--target", target, *log)
        assert "target stage" in shown.out
        assert verdict.verdict[:40] in " ".join(shown.out.split())
    assert tp("best", name, "--target", "nobody", *log).status == 2
    assert "is called 'nobody'" in tp("best", name, "--target", "nobody", *log).err
    overview = " ".join(tp("show", name, *log).out.split())
    assert all(f"{target}: " in overview for target in verdicts)
    assert [one["target"] for one in json.loads(tp("show", name, "--json", *log).out)["targets"]] == [
        *TARGETS
    ]
    assert "target:third" in tp("cost", name, *log).out
    assert "target:third stage" in tp("replay", name, "--display", "plain", *log).out
    assert tp("why", name, "best", "--target", "third", *log).status == 0
    assert tp("report", name, "--target", "third", *log).status == 0
    assert "finished" in tp("runs", *log).out


def test_runs_are_compared_by_target(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tp compare --target` puts the verdicts on one target side by side, also of a run with it alone."""
    use_model(monkeypatch)
    log = tmp_path / "log.db"
    (first, events), (second, _) = (asyncio.run(run(tmp_path, thrift=one)) for one in (0.0, 0.01))
    alone, _ = asyncio.run(start(tiny_config(tmp_path), tmp_path, log, ignore))
    refused = tp("compare", first, second, "--log", log)
    assert refused.status == 2
    assert "choose one with --target NAME" in refused.err
    assert "none is called 'fifth'" in tp("compare", first, alone, "--target", "fifth", "--log", log).err
    verdicts = {stage_target(m.stage): m.verdict for m in messages(events) if isinstance(m, TargetFinished)}
    for target in TARGETS:
        found = json.loads(tp("compare", first, second, "--target", target, "--json", "--log", log).out)
        document_type("compare").validate_python(found)
        one = found["runs"][0]
        assert one["winner"] == verdicts[target].best.id
        assert one["comparisons"] == [c.model_dump() for c in verdicts[target].comparisons]
        assert len(one["finalists"]) == 2 or verdicts[target].best == verdicts[target].initial
        assert found["same_examples"]
    beside = json.loads(tp("compare", first, alone, "--target", "second", "--json", "--log", log).out)
    assert beside["same_examples"]
    [theirs, own] = beside["runs"]
    assert theirs["target"] == own["target"] == "second"
    assert {row["role"] for row in own["finalists"]} >= {"best"}
    assert "own prompt" in tp("compare", first, second, "--target", "third", "--log", log).out


async def test_redacted_verdicts_are_no_missing_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All views agree on whether a run has a result if the verdicts on some or all targets are redacted."""
    use_model(monkeypatch)
    name, events = await run(tmp_path)
    log = tmp_path / "log.db"
    for event in [event for event in events if event.kind == "target.finished"]:
        await redact(log, name, event.seq, "private")
        with open_reader(log) as reader:
            state = RunState()
            for one in reader.read(name):
                state.apply(one, message_for(one))
            [listed] = listed_runs(reader)
            assert find_reason(reader, name) == state.no_result is None
            assert listed.status == state.status == "finished"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"tasks": ("second", "first")}, "named twice"),
        ({"tasks": ("second",)}, "at least 2"),
        ({"tasks": TARGETS, "each": {"fifth": {}}}, "there is no such target"),
        ({"tasks": TARGETS, "each": {"third": {"step": 2}}}, "step"),
    ],
)
def test_invalid_targets(change: dict[str, object], error: str, tmp_path: Path) -> None:
    """A target that is a source, a single one, and settings of no target or of no name are errors."""
    one = tiny_config(tmp_path)
    with pytest.raises(ConfigError, match=error):
        one.changed({"target": None, "targets": change})
    with pytest.raises(ConfigError, match="either"):
        one.changed({"targets": {"tasks": TARGETS}})
