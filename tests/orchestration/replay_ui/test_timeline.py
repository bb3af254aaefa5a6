"""Tests that the state at any moment is the fold of the events up to it."""

from pathlib import Path
from random import Random

import pytest

from transfer_prompting.orchestration.console.status_panel import status_panel
from transfer_prompting.orchestration.projections import timeline as module
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.projections.timeline import Timeline
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader


def folded(events: list[Event]) -> RunState:
    view = RunState()
    for event in events:
        view.apply(event, message_for(event))
    return view


def shown(view: RunState) -> tuple[object, ...]:
    """Return everything that a display reads from a state."""
    curves = {stage: board.curve for stage, board in view.leaderboards.items()}
    race = [(race.step, race.entered, race.field, race.finished) for race in view.races.under_way]
    return (
        view.as_json(),
        curves,
        race,
        view.spending.spent(0),
        status_panel(view, 200, 50).renderables.__len__(),
    )


@pytest.mark.parametrize("apart", [7, 100, 10_000])
def test_every_way_to_a_moment_shows_the_same(
    run: tuple[Path, list[Event]], timeline: Timeline, monkeypatch: pytest.MonkeyPatch, apart: int
) -> None:
    """Forwards, backwards and in leaps, the state at a seq is the fold of the events up to it."""
    monkeypatch.setattr(module, "_SNAPSHOT_GAP", apart)
    _, events = run
    while timeline.read(100):
        pass
    seqs = [1, 2, 3, len(events), len(events) - 1, 5, *Random(1).choices(range(1, len(events)), k=12)]
    for seq in seqs:
        assert shown(timeline.view_at(seq)) == shown(folded(events[:seq])), seq


def test_snapshots_stay_what_they_were(
    run: tuple[Path, list[Event]], timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Advancing a state that came from a snapshot does not change the snapshot."""
    monkeypatch.setattr(module, "_SNAPSHOT_GAP", 50)
    _, events = run
    while timeline.read(100):
        pass
    for seq in (140, 60, 149, 60):
        assert timeline.view_at(seq).as_json() == folded(events[:seq]).as_json()


def test_only_messages_are_kept(run: tuple[Path, list[Event]], timeline: Timeline) -> None:
    """Model calls are counted and not kept; failed calls are messages."""
    _, events = run
    while timeline.read(100):
        pass
    messages = [event.seq for event in events if event.kind not in ("call.requested", "call.finished")]
    assert [entry.event.seq for entry in timeline.entries] == messages
    assert timeline.complete


def test_it_ends_at_the_event_asked_for(run: tuple[Path, list[Event]]) -> None:
    """With `to` no event after that seq is read."""
    path, _ = run
    with LogReader(path) as reader:
        timeline = Timeline(reader, "tiny-0001", to=40)
        while timeline.read(7):
            pass
        assert timeline.last == 40


def test_what_cannot_be_read_is_passed_over(run: tuple[Path, list[Event]], timeline: Timeline) -> None:
    """A message of an unknown kind is an entry of the timeline without a message."""
    _, events = run
    timeline.apply(events[0])
    timeline.apply(events[1]._replace(kind="task.forgotten"))
    assert [entry.message is None for entry in timeline.entries] == [False, True]
