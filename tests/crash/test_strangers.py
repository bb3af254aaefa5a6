"""Messages without a recipient, or to a missing agent, stop a run instead of hanging it."""

from pathlib import Path

import pytest
import tiny_runs
from autogen_core import AgentId, TypeSubscription
from hanging import no_hanging  # noqa: F401 - a fixture
from tiny_runs import begin, read, reenact, resume, scripted, tiny_config

from transfer_prompting.agents.roles.curator import Curator
from transfer_prompting.agents.roles.reference import Reference
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.runtime.agent_runtime import AgentHost
from transfer_prompting.orchestration.runtime.assembly import host_for


async def test_unknown_recipient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A subscription of an agent that does not exist stops the run at the first message to it."""

    async def with_ghost(settings: SearchSettings, *_: object) -> AgentHost:
        host = await host_for(settings)
        await host.add_subscription(TypeSubscription(topic_type="stage.started", agent_type="ghost"))
        return host

    with monkeypatch.context() as patch:
        patch.setattr(tiny_runs, "host_for", with_ghost)
        with pytest.raises(RunStopped, match="There is no agent of type 'ghost'"):
            await begin(tiny_config(tmp_path), tmp_path, scripted())
    events = read(tmp_path)
    [opened] = [event for event in events if event.kind == "stage.started"]
    assert "ghost/main" in opened.recipients
    assert [event.kind for event in events[-2:]] == ["handler.failed", "run.failed"]


async def test_direct_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A direct message, which the log could not hold, stops the run and says what to do instead."""

    async def whisper(self: Curator, *_: object) -> None:
        await self.send_message("psst", AgentId("nobody", "main"))

    monkeypatch.setattr(Curator, "learn", whisper)
    with pytest.raises(RunStopped, match="Agents communicate by publishing messages"):
        await begin(tiny_config(tmp_path), tmp_path, scripted())


async def test_no_subscriber(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request without a subscriber stops the run, which resumes once there is one."""

    async def without_reference(settings: SearchSettings, *_: object) -> AgentHost:
        host = await host_for(settings)
        for subscription in list(host._subscriptions):
            if isinstance(subscription, TypeSubscription) and subscription.agent_type == Reference.name:
                await host.remove_subscription(subscription.id)
        return host

    monkeypatch.setattr(tiny_runs, "host_for", without_reference)
    with pytest.raises(RunStopped, match="stopped talking before there was a verdict"):
        await begin(tiny_config(tmp_path), tmp_path, scripted())
    events = read(tmp_path)
    assert [e.recipients for e in events if e.kind == "proposals.requested"] == [()]
    assert events[-1].kind == "run.failed"
    # Recipients are fixed at the commit: resuming without a subscriber stops again, and never hangs.
    with pytest.raises(RunStopped, match="stopped talking"):
        await resume(tiny_config(tmp_path), tmp_path, scripted())


async def test_replay_of_a_stopped_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that a faulty agent has stopped can be replayed up to that point."""

    async def whisper(self: Curator, *_: object) -> None:
        await self.send_message("psst", AgentId("nobody", "main"))

    monkeypatch.setattr(Curator, "learn", whisper)
    with pytest.raises(RunStopped):
        await begin(tiny_config(tmp_path), tmp_path, scripted())
    assert await reenact(tmp_path) == len(read(tmp_path))
