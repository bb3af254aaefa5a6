"""Where keys lead: steps, jumps, search, roles, paces."""

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
    """A step leads to the next message, a step back to where one was; at the ends there is none."""
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
    """A jump leads to the next message of its kinds in its direction, and nowhere where there is none."""
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
    """With a role chosen, steps go by what it says or hears; the message at this place is shown anyhow."""
    assert {"curator", "reference", "scorer", "user"} <= set(player.roles())
    player.end()
    last = player.now
    player.only("reference")
    shown = list(player.backwards())
    assert shown[0] is last
    assert all("reference/main" in (told.event.sender, *told.event.recipients) for told in shown[1:])
    player.step(-1)
    assert player.now is shown[1]
    player.only(None)
    assert len(list(player.backwards())) == player.at + 1


def test_jumps_ignore_what_is_hidden(player: Player) -> None:
    """A promotion is found although only another role is shown."""
    player.only("user")
    assert player.jump(PROMOTIONS, 1)


def test_search(player: Player) -> None:
    """Words are found where they are shown, in the direction asked for, and not where they are not."""
    assert player.find(re.compile("is the best now"), 1)
    assert kind(player) == "race.finished"
    first = player.at
    assert player.find(re.compile("is the best now"), 1)
    assert player.at > first
    assert player.find(re.compile("is the best now"), -1)
    assert player.at == first
    assert not player.find(re.compile("no such words"), 1)


def test_the_end_moves_on(timeline: Timeline) -> None:
    """Who is at the end stays there while more is read; who steps away does not."""
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
    """A higher speed makes shorter pauses; no pause is longer than a second; the speeds have two ends."""
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
    """A seq between two messages leads to the one before."""
    told = player.timeline.entries
    player.go_to(told[10].event.seq + 1)
    assert player.at == 10 if told[11].event.seq > told[10].event.seq + 1 else 11
