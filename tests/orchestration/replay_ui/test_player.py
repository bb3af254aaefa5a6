"""Tests of the position in a run: steps, jumps, search, roles and speeds."""

import re

import pytest

from transfer_prompting.orchestration.console.selection import Selection
from transfer_prompting.orchestration.projections.timeline import Timeline
from transfer_prompting.orchestration.replay_ui.player import (
    ERRORS,
    PROMOTIONS,
    SPEEDS,
    STAGES,
    VERDICT,
    Player,
)


def kind(player: Player) -> str:
    assert player.now is not None
    return player.now.event.kind


def test_steps(player: Player) -> None:
    """A step goes to the next message, a step back returns, and there is no step past either end."""
    assert not player.step(-1)
    first = player.now
    assert player.step(1)
    assert player.now is not first
    assert player.step(-1)
    assert player.now is first
    player.end()
    assert not player.step(1)
    assert kind(player) == "run.finished"


def test_jumps(player: Player) -> None:
    """A jump goes to the next message of its kinds in its direction, or stays if there is none."""
    stages = []
    while player.jump(STAGES, 1):
        assert player.now is not None
        stages.append(player.now.stage)
    assert stages == ["source", "target", "control"]
    assert player.jump(PROMOTIONS, -1)
    assert kind(player) == "prompt.promoted"
    assert player.jump(VERDICT, 1)
    at = player.at
    assert not player.jump(ERRORS, -1)
    assert player.at == at


def test_roles_hide_the_others(player: Player) -> None:
    """With a role chosen, steps visit only its messages; the message at the position is always shown."""
    assert {"curator", "reference", "scorer", "user"} <= set(player.roles())
    player.end()
    last = player.now
    player.only("reference")
    shown = list(player.backwards())
    assert shown[0] is last
    assert all("reference/main" in (entry.event.sender, *entry.event.recipients) for entry in shown[1:])
    player.step(-1)
    assert player.now is shown[1]
    player.only(None)
    assert len(list(player.backwards())) == player.at + 1


def test_jumps_ignore_what_is_hidden(player: Player) -> None:
    """A jump finds a promotion although only another role is shown."""
    player.only("user")
    assert player.jump(PROMOTIONS, 1)


def test_search(player: Player) -> None:
    """A search finds the text on the screen in either direction, and nothing if no message has it."""
    assert player.find(re.compile("becomes the best"), 1)
    assert kind(player) == "race.finished"
    first = player.at
    assert player.find(re.compile("becomes the best"), 1)
    assert player.at > first
    assert player.find(re.compile("becomes the best"), -1)
    assert player.at == first
    assert not player.find(re.compile("no such words"), 1)


def test_the_end_moves_on(timeline: Timeline) -> None:
    """A position at the end stays there while more is read, until a step leaves it."""
    player = Player(timeline, Selection())
    player.end()
    timeline.read(200)
    player.read_on()
    assert player.at == len(timeline.entries) - 1
    player.step(-1)
    at = player.at
    timeline.read(200)
    player.read_on()
    assert player.at == at


def test_paces(player: Player) -> None:
    """A higher speed shortens pauses, no pause exceeds a second, and the speeds have two ends."""
    player.jump(STAGES, 1)
    player.speed = 1e-6
    assert player.pause() == 1.0
    player.speed = 1.0
    slow = player.pause()
    player.faster(1)
    assert slow is not None
    assert player.pause() == pytest.approx(slow / 2)
    player.faster(100)
    assert player.speed == SPEEDS[-1]
    player.faster(-100)
    assert player.speed == SPEEDS[0]
    player.end()
    assert player.pause() is None


def test_to_a_seq(player: Player) -> None:
    """A seq between two messages leads to the earlier one."""
    seqs = [entry.event.seq for entry in player.timeline.entries]
    index = next(i for i in range(10, len(seqs)) if seqs[i + 1] > seqs[i] + 1)
    player.go_to(seqs[index] + 1)
    assert player.at == index
