"""The screen of the replay unfolds the executions of a program."""

from collections.abc import Iterator

import pytest
from system_runs import RUN, system_log
from textual.pilot import Pilot

from transfer_prompting.orchestration.console.selection import Selection
from transfer_prompting.orchestration.projections.exchanges import exchanges
from transfer_prompting.orchestration.projections.timeline import Timeline
from transfer_prompting.orchestration.replay_ui.app import ReplayApp
from transfer_prompting.orchestration.replay_ui.message_pane import MessagePane
from transfer_prompting.orchestration.replay_ui.player import Player
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture(params=[(), ("answer",)], ids=["messages", "module"])
def player(request: pytest.FixtureRequest) -> Iterator[Player]:
    """Yield a player of all messages, and one of the calls of a module, at the first message."""
    selection = Selection(modules=request.param)
    with LogReader(system_log()) as reader:
        timeline = Timeline(reader, RUN, calls=selection.calls)
        while timeline.read(1000):
            pass
        yield Player(timeline, selection)


async def shown(player: Player) -> str:
    """Return the screen after the message at the player's position was opened."""
    async with ReplayApp(player, None).run_test(size=(120, 50)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MessagePane)
        return lines(pilot)


def lines(pilot: Pilot[None]) -> str:
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def test_a_score_unfolds_its_executions(player: Player) -> None:
    """The calls behind a score are executions with the tokens of their calls; the chosen one is unfolded."""
    player.jump({"prompt.scored"}, 1)
    assert player.now is not None
    [first, *others] = exchanges(player.timeline, player.now)
    assert all(one.executes and sum(one.tokens) for one in [first, *others])
    screen = await shown(player)
    assert "3. answer" in screen
    assert ("1. retrieve" in screen) == (not player.selection.modules)


async def test_calls_of_a_module_are_messages(player: Player) -> None:
    """With a module its calls are in the conversation; an open one names its execution."""
    found = player.step(1)
    assert found
    if not player.selection.modules:
        return
    assert player.now is not None
    assert (player.now.event.kind, player.now.module) == ("call.requested", "answer")
    [call] = exchanges(player.timeline, player.now)
    assert call.execution is not None
    assert f"execution at seq {call.execution.seq}" in await shown(player)
