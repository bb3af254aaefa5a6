"""A whole run with a judge."""

from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from judged_runs import judged_config, reply
from rich.console import Console
from tiny_runs import (
    begin,
    copy_prefix,
    finished_keys,
    read,
    reenact,
    resume,
    said,
    scripted,
    tiny_config,
)

from transfer_prompting.agents.messages import JudgementRequested, PromptJudged, RaceFinished, RunStarted
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.console.lines import lines
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.storage.event import Event


def of(events: list[Event], kind: str) -> list[Any]:
    """Return the messages of one kind."""
    return [decode(event) for event in events if event.kind == kind]


async def test_winners_are_judged(tmp_path: Path) -> None:
    """Each request of the curator gets one judgement, and the log names the judge's model and rubric."""
    events = await begin(judged_config(tmp_path), tmp_path, scripted(reply))
    requests: list[JudgementRequested] = of(events, "judgement.requested")
    verdicts: list[PromptJudged] = of(events, "prompt.judged")
    assert requests
    assert [(v.stage, v.candidate) for v in verdicts] == [(r.stage, r.candidate.id) for r in requests]
    assert {tuple(verdict.measures) for verdict in verdicts} == {("clarity", "harmlessness")}
    assert sum(m.n for v in verdicts for m in v.measures.values()) + sum(
        v.unreadable for v in verdicts
    ) == 4 * len(verdicts)
    races: list[RaceFinished] = of(events, "race.finished")
    assert {race.winner for race in races if race.winner} <= {verdict.candidate for verdict in verdicts}
    [started] = of(events, "run.started")
    assert isinstance(started, RunStarted)
    assert started.models["judge"] == "scripted"
    assert started.config["search"]["wording"]["rubric"]["dimensions"][0]["name"] == "clarity"


async def test_replay_is_identical(tmp_path: Path) -> None:
    """Run again over the log, every role including the judge publishes the same bytes."""
    events = await begin(judged_config(tmp_path), tmp_path, scripted(reply))
    assert await reenact(tmp_path) == len(events)


@pytest.mark.parametrize("slots", [1, 64])
async def test_latency_changes_nothing(tmp_path: Path, slots: int) -> None:
    """The races end the same way however long the judge takes."""
    random = Random(slots)
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    one = await begin(judged_config(tmp_path / "one"), tmp_path / "one", scripted(reply), slots=1)
    delayed = scripted(reply, delay=lambda _request: random.random() / 500)
    many = await begin(judged_config(tmp_path / "many"), tmp_path / "many", delayed, slots=slots)
    arriving = ("prompt.scored", "prompt.judged", "proposals.made")
    decided = [message for message in said(many) if message[0] not in arriving]
    assert decided == [message for message in said(one) if message[0] not in arriving]
    assert sorted(said(many)) == sorted(said(one))


async def test_a_run_cut_while_judging_resumes(tmp_path: Path) -> None:
    """A log that ends between two calls of a judgement resumes to the same end without repeating a call."""
    config = judged_config(tmp_path)
    whole = await begin(config, tmp_path, scripted(reply))
    at = next(i for i, event in enumerate(whole) if event.sender == "wording_judge/main")
    folder = tmp_path / "cut"
    folder.mkdir()
    await copy_prefix(whole[: at + 2], folder)
    carried = await resume(config, folder, scripted(reply))
    assert said(carried) == said(whole)
    assert sorted(finished_keys(carried)) == sorted(finished_keys(whole))
    assert await reenact(folder) == len(read(folder))


async def test_what_people_see(tmp_path: Path) -> None:
    """The displays take the leader from the curator and show each judgement in one line."""
    view, shown = RunState(), []
    for event in await begin(judged_config(tmp_path), tmp_path, scripted(reply)):
        message = message_for(event)
        view.apply(event, message)
        pipe = Console(file=StringIO(), width=300)
        pipe.print(*lines(event, message), sep="\n")
        shown += str(pipe.file.getvalue()).splitlines()  # type: ignore[attr-defined]
    assert view.status == "finished"
    assert view.finished is not None
    best = view.leaderboards["target"].best()
    assert best is not None
    assert best.candidate == view.finished.best
    assert any("wording_judge -> curator" in line and ": clarity " in line for line in shown)


async def test_without_a_judge(tmp_path: Path) -> None:
    """A run without [search.wording] asks no wording judge and sends it no message."""
    events = await begin(tiny_config(tmp_path), tmp_path, scripted(reply))
    assert not [event for event in events if "judge" in event.kind or "judge" in event.sender]
    assert not [event for event in events if any("judge" in recipient for recipient in event.recipients)]
