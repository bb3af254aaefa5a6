"""What all runs of a log have taught, told from its events alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from taught_logs import all_events, taught_log

from transfer_prompting.agents.messages import PromptScored, ProposalsMade
from transfer_prompting.agents.messages.codec import decode, encode
from transfer_prompting.orchestration.projections.experience.document import ExperienceDocument, document
from transfer_prompting.orchestration.projections.experience.fold import Experience, read_experience
from transfer_prompting.prompts.task import Split
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader


def folded(events: Sequence[Event]) -> ExperienceDocument:
    experience = Experience()
    for event in events:
        experience.apply(event)
    return document(experience)


async def test_rebuilt_equals_incremental(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading run by run, in another order of runs, or event by event gives the same document."""
    log = await taught_log(tmp_path, monkeypatch)
    events = all_events(log)
    with open_reader(log) as reader:
        rebuilt = document(read_experience([reader]))
    experience = Experience()
    for event in events:
        experience.apply(event)
        if event.kind == "prompt.scored":
            document(experience)
    assert document(experience) == rebuilt
    assert folded(sorted(events, key=lambda event: event.run, reverse=True)) == rebuilt
    assert folded(sorted(events, key=lambda event: event.run)) == rebuilt


async def test_what_helped_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that makes the model right is told first, with its runs and the event that brought it."""
    events = all_events(await taught_log(tmp_path, monkeypatch))
    [model] = folded(events).models
    best = model.sentences[0]
    assert "rule" in best.lesson.sentence
    assert best.lesson.mean > 0
    assert not best.own
    own = [one for one in model.sentences if one.own]
    assert [one.lesson.sentence for one in own] == ["Even or odd?"]
    [brought] = [event for event in events if event.seq == best.brought.seq]
    message = decode(brought)
    assert isinstance(message, ProposalsMade)
    assert any(best.lesson.sentence in candidate.text for candidate in message.candidates)
    assert best.brought.run in best.runs
    assert {run for one in model.sentences for run in one.runs} == {event.run for event in events}


async def test_held_out_answers_never_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers to test examples change nothing, whatever they are."""
    events = all_events(await taught_log(tmp_path, monkeypatch))
    held_out = [
        event for event in events if event.kind == "prompt.scored" and b'"split":"test"' in event.data
    ]
    assert held_out
    assert folded(events) == folded([event for event in events if event not in held_out])
    moved = [moved_to_dev(event) if event in held_out else event for event in events]
    assert folded(moved) != folded(events)


def moved_to_dev(event: Event) -> Event:
    message = decode(event)
    assert isinstance(message, PromptScored)
    assert message.split in get_args(Split)
    return event._replace(data=encode(message.model_copy(update={"split": "dev"})))


async def test_redacted_payloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redacted event is left out and counted, whichever it is; the rest still tells something."""
    events = all_events(await taught_log(tmp_path, monkeypatch))
    for kind in ("run.started", "task.loaded", "proposals.made", "scoring.requested", "prompt.scored"):
        gone = [event._replace(data=b"") if event.kind == kind else event for event in events]
        count = sum(event.kind == kind for event in events)
        assert folded(gone).redacted == count


async def test_formats_and_operators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All replies could be read, and each raced prompt counts for its operator."""
    events = all_events(await taught_log(tmp_path, monkeypatch))
    [model] = folded(events).models
    assert [(one.frame, one.readable == one.answers) for one in model.formats] == [
        ("answer+confidence", True)
    ]
    assert {one.operator for one in model.operators} >= {"initial", "history"}
    assert all(0 <= one.won <= one.raced for one in model.operators)
    assert document_for(events, model="nobody") == []


def document_for(events: Sequence[Event], model: str) -> list[object]:
    experience = Experience()
    for event in events:
        experience.apply(event)
    return list(document(experience, model).models)
