"""Tests of the model calls behind a message."""

import json
from pathlib import Path

from transfer_prompting.orchestration.projections.exchanges import exchanges
from transfer_prompting.orchestration.projections.timeline import TimelineEntry
from transfer_prompting.orchestration.replay_ui.player import Player
from transfer_prompting.storage.event import Event


def first(player: Player, kind: str) -> TimelineEntry:
    return next(entry for entry in player.timeline.entries if entry.event.kind == kind)


def test_of_a_score(run: tuple[Path, list[Event]], player: Player) -> None:
    """A score has all its calls, each with example, request, reply, answer and correct answer."""
    entry = first(player, "prompt.scored")
    found = exchanges(player.timeline, entry)
    outcomes = json.loads(entry.event.data)["outcomes"]
    assert [exchange.example for exchange in found] == [outcome["example"] for outcome in outcomes]
    for exchange, outcome in zip(found, outcomes, strict=True):
        assert exchange.outcome is not None
        assert exchange.outcome.answer == outcome["answer"]
        assert (exchange.expected == outcome["answer"]) == outcome["correct"]
        assert exchange.request is not None
        assert exchange.reply is not None
        assert exchange.reply.reply.text.startswith(f"Answer: {outcome['answer']}")


def test_of_the_question_and_of_its_answer(player: Player) -> None:
    """A request for a score has the calls of the score; proposals have the calls that wrote them."""
    asked, scored = first(player, "scoring.requested"), first(player, "prompt.scored")
    assert exchanges(player.timeline, asked) == exchanges(player.timeline, scored)
    written = exchanges(player.timeline, first(player, "proposals.made"))
    assert written
    assert all("<instruction>" in (e.reply.reply.text if e.reply else "") for e in written)


def test_of_others(player: Player) -> None:
    """A message that caused no calls has none."""
    assert exchanges(player.timeline, first(player, "run.started")) == []
    assert exchanges(player.timeline, first(player, "stage.started")) == []
