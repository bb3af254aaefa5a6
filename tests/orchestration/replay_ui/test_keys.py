"""Tests that each key of the replay does what the help says."""

import threading
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Static
from tiny_runs import copy_prefix

from transfer_prompting.orchestration.replay_ui.app import ReplayApp
from transfer_prompting.orchestration.replay_ui.keys import HELP, KEYS, HelpScreen
from transfer_prompting.orchestration.replay_ui.message_pane import MessagePane
from transfer_prompting.orchestration.replay_ui.player import Player
from transfer_prompting.orchestration.replay_ui.verification import ReplayVerification
from transfer_prompting.storage.event import Event


def now(player: Player) -> str:
    assert player.now is not None
    return player.now.event.kind


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_moving(player: Player) -> None:
    """Arrows step, page keys leap, home and end go to the ends, letters jump and capitals jump back."""
    async with ReplayApp(player, None).run_test(size=(80, 24)) as pilot:
        await press(pilot, "right", "l", "right")
        assert player.at == 3
        await press(pilot, "left", "h")
        assert player.at == 1
        await press(pilot, "down")
        assert player.at == 11
        await press(pilot, "up", "home")
        assert player.at == 0
        await press(pilot, "s", "s")
        assert player.now is not None
        assert (now(player), player.now.stage) == ("stage.started", "target")
        await press(pilot, "S")
        assert player.now.stage == "source"
        await press(pilot, "p")
        assert now(player) == "prompt.promoted"
        await press(pilot, "v")
        assert now(player) == "run.finished"
        await press(pilot, "P")
        assert now(player) == "prompt.promoted"
        await press(pilot, "end")
        assert player.at == len(player.timeline.entries) - 1


async def test_nowhere_to_go(player: Player) -> None:
    """A jump that finds nothing stays in place and says so."""
    async with ReplayApp(player, None).run_test(size=(80, 24)) as pilot:
        await press(pilot, "e")
        assert player.at == 0
        assert "There is no error after this message." in status(pilot)
        await press(pilot, "right")
        assert "not re-enacted" in status(pilot)


def status(pilot: Pilot[None]) -> str:
    return str(pilot.app.query_one("#status", Static).content)


async def test_playing(player: Player) -> None:
    """Space plays to the end or pauses; + and - change the speed."""
    async with ReplayApp(player, None).run_test(size=(80, 24)) as pilot:
        app = pilot.app
        assert isinstance(app, ReplayApp)
        await press(pilot, *["plus"] * 10)
        assert player.speed == 100.0
        await press(pilot, "space")
        for _ in range(1000):
            await pilot.pause(0.02)
            if now(player) == "run.finished":
                break
        assert now(player) == "run.finished"
        await press(pilot, "minus", "home", "space", "space")
        assert player.speed == 50.0
        assert not app.playing


async def test_search(player: Player) -> None:
    """/ opens the search, enter goes to the match, n and N to others, and escape closes the search."""
    async with ReplayApp(player, None).run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *"stays the best", "enter")
        first = player.at
        assert now(player) == "race.finished"
        await press(pilot, "n")
        assert player.at > first
        await press(pilot, "N")
        assert player.at == first
        await press(pilot, "slash", "(", "enter")
        assert "not a regular expression" in status(pilot)
        await press(pilot, "slash", "v", "escape", "v")
        assert now(player) == "run.finished"


async def test_roles(player: Player) -> None:
    """The key r goes through the roles and, after the last one, shows all again."""
    async with ReplayApp(player, None).run_test(size=(80, 24)) as pilot:
        chosen = []
        for _ in range(len(player.roles()) + 1):
            await press(pilot, "r")
            chosen.append(player.selection.roles)
        assert chosen == [*((role,) for role in player.roles()), ()]


async def test_a_message_in_full(player: Player) -> None:
    """Enter opens a message, arrows choose a call, j shows the message as stored, escape closes it."""
    async with ReplayApp(player, None).run_test(size=(80, 24)) as pilot:
        player.jump({"prompt.scored"}, 1)
        await press(pilot, "enter")
        pane = pilot.app.screen
        assert isinstance(pane, MessagePane)
        await press(pilot, "down")
        text = "\n".join(lines(pilot))
        for part in ("answer: ", "expected ", "confidence ", "reply", "tokens, 0.0"):
            assert part in text
        await press(pilot, "j")
        assert '"kind": "prompt.scored"' in "\n".join(lines(pilot))
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, MessagePane)


def lines(pilot: Pilot[None]) -> list[str]:
    """Return the lines on the screen."""
    return [
        "".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips()
    ]


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (40, 12)])
async def test_help(player: Player, size: tuple[int, int]) -> None:
    """? shows the help page, and escape closes it."""
    async with ReplayApp(player, None).run_test(size=size) as pilot:
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        assert any("play or pause" in line for line in lines(pilot))
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, HelpScreen)


def test_help_knows_every_key() -> None:
    """Every bound key is listed in the help."""
    named = " ".join(key for key, _ in HELP).replace(",", " ").replace("(", " ").replace(")", " ").split()
    signs = {"slash": "/", "question_mark": "?", "plus": "+", "minus": "-"}
    signs |= dict.fromkeys(("pagedown", "pageup"), "page")
    others = {"equals_sign", "right_square_bracket", "left_square_bracket", "ctrl+c"}
    for binding in KEYS:
        assert isinstance(binding, Binding)
        for key in binding.key.split(","):
            assert key in others or signs.get(key, key) in named, key


async def test_it_says_whether_the_agents_agree(run: tuple[Path, list[Event]], player: Player) -> None:
    """The status line follows the re-enactment and confirms at its end that all events agree."""
    path, events = run
    verification = ReplayVerification(path, "tiny-0001")
    async with ReplayApp(player, verification).run_test(size=(120, 24)) as pilot:
        for _ in range(3000):
            await pilot.pause(0.02)
            if verification.over and "Re-enacted:" in status(pilot):
                break
        assert f"reproduce all {len(events):,} events" in status(pilot)


async def test_leaving_ends_the_re_enactment(run: tuple[Path, list[Event]], player: Player) -> None:
    """Leaving the screen stops the re-enactment and leaves no thread behind."""
    path, _ = run
    async with ReplayApp(player, ReplayVerification(path, "tiny-0001")).run_test(size=(80, 24)) as pilot:
        await press(pilot, "q")
    assert "re-enactment" not in {thread.name for thread in threading.enumerate()}


async def test_code_that_has_moved_on(tmp_path: Path, run: tuple[Path, list[Event]], player: Player) -> None:
    """If the agents differ from the log, the status line names the seq, and the screen still works."""
    _, events = run
    at = next(i for i, event in enumerate(events) if event.kind == "stage.started")
    altered = events[at]._replace(data=events[at].data.replace(b'"steps":2', b'"steps":3'))
    await copy_prefix([*events[:at], altered, *events[at + 1 :]], tmp_path)
    verification = ReplayVerification(tmp_path / "log.db", "tiny-0001")
    async with ReplayApp(player, verification).run_test(size=(200, 24)) as pilot:
        for _ in range(3000):
            await pilot.pause(0.02)
            if verification.over:
                break
        await press(pilot, "v")
        assert f"differs: The log cannot be re-enacted: at seq {altered.seq}" in status(pilot)
        assert now(player) == "run.finished"


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (30, 8), (10, 4)])
async def test_every_size_is_drawn(player: Player, size: tuple[int, int]) -> None:
    """The screen fits every terminal size at every moment."""
    async with ReplayApp(player, None).run_test(size=size) as pilot:
        for key in ("s", "p", "v", "enter", "escape"):
            await press(pilot, key)
            assert max(map(len, lines(pilot))) <= size[0]
