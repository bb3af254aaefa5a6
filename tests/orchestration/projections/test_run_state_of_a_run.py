"""What is shown of a run is what its curator goes by."""

import asyncio
from pathlib import Path

import pytest
from tiny_runs import begin, raced_config, scripted

from transfer_prompting.agents.messages import PromptScored, RaceFinished, StageFinished, StageStarted
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.storage.event import Event


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """The log of a run with races in which prompts are stopped, and with a control."""
    folder = tmp_path_factory.mktemp("raced")
    return asyncio.run(begin(raced_config(folder), folder, scripted()))


def test_the_view_agrees_with_the_curator(raced: list[Event]) -> None:
    """When a stage closes, the view already has its best prompt, that prompt's score, and all the costs."""
    view, closed = RunState(), []
    for event in raced:
        message = message_for(event)
        if isinstance(message, StageFinished):
            closed.append(message.stage)
            board, best = view.board, view.best
            assert board is not None
            assert best is not None
            assert (best.candidate, best.score) == (message.best.candidate, message.best.score)
            assert (best.by_task, best.n) == (message.best.by_task, message.best.examples)
            assert (board.evaluations, board.saved) == (message.evaluations, message.saved)
            assert len(board.ranked()) == message.scored
        view.apply(event, message)
    assert closed == ["source", "target", "control"]


def test_what_the_curator_shows_is_the_ranking(tmp_path: Path) -> None:
    """The history that the curator asks for proposals with is the view's ranking at that time.

    With one step at a time: in the midst of a race its leader comes first.
    """
    view, compared = RunState(), 0
    alone = raced_config(tmp_path)
    alone = alone.changed({"search": alone.search.model_copy(update={"concurrent_steps": 1})})
    for event in asyncio.run(begin(alone, tmp_path, scripted())):
        message = message_for(event)
        if message is not None and message.kind == "proposals.requested":
            assert view.board is not None
            shown = [entry.candidate for entry in reversed(message.history)]  # type: ignore[attr-defined]
            assert [row.candidate.id for row in view.board.ranked()][: len(shown)] == shown
            compared += 1
        view.apply(event, message)
    assert compared >= 4


def test_finalists_stand_on_their_boards(raced: list[Event]) -> None:
    """After the verdict the best prompts of target and control have a score on held-out data."""
    view = RunState()
    for event in raced:
        view.apply(event, message_for(event))
    assert view.finished is not None
    assert view.winner == view.finished.best
    control = view.finished.control
    assert control is not None
    assert view.leaderboards["target"].rows[view.finished.best.id].final
    assert view.leaderboards["control"].rows[control.id].final
    assert not any(row.final for row in view.leaderboards["source"].rows.values())


def test_progress_of_every_step(raced: list[Event]) -> None:
    """At the end of each race all the examples that it asked for, block by block, are done."""
    view = RunState()
    ends: list[tuple[str, int]] = []
    for event in raced:
        message = message_for(event)
        if isinstance(message, RaceFinished):
            [race] = [r for r in view.races.under_way if (r.stage, r.step) == (message.stage, message.step)]
            assert 0 < race.finished == race.expected
            ends.append((message.stage, message.step))
        view.apply(event, message)
    scored = [m for e in raced if isinstance(m := message_for(e), PromptScored) and m.purpose == "search"]
    assert {(m.stage, m.step) for m in scored} == set(ends)
    assert not any(race.purpose == "search" for race in view.races.under_way)
    assert any(isinstance(message_for(event), StageStarted) for event in raced)
