"""A faulty agent never hangs a run: the run stops, says why, and can be resumed."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hanging import no_hanging  # noqa: F401 - a fixture
from tiny_runs import begin, reenact, resume, said, scripted, tiny_config

from transfer_prompting.agents.roles.curator import Curator
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.storage.event import Event

Opening = Callable[..., Awaitable[None]]


async def _stopped(folder: Path, match: str) -> list[Event]:
    with pytest.raises(RunStopped, match=match):
        await begin(tiny_config(folder), folder, scripted())
    from tiny_runs import read

    return read(folder)


async def test_a_raising_handler_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception of a handler is an event with its traceback; with a fixed handler the run resumes."""
    (tmp_path / "whole").mkdir()
    whole = await begin(tiny_config(tmp_path / "whole"), tmp_path / "whole", scripted())

    async def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(Curator, "_conclude", fail)
        events = await _stopped(tmp_path, "curator/main raised ZeroDivisionError .* a bug")
    assert b"_conclude" in next(e.data for e in events if e.kind == "handler.failed")
    events = await resume(tiny_config(tmp_path), tmp_path, scripted())
    assert [kind for kind, _, _ in said(events)] == [kind for kind, _, _ in said(whole)]
    assert await reenact(tmp_path) == len(events)


async def test_waiting_outside_the_journal_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler that awaits a clock or a socket is stopped, because a replay could not repeat it."""

    async def wait(*_: object) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(Curator, "learn", wait)
    await _stopped(tmp_path, "awaited Future while handling task.loaded")


async def test_silence_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no message follows and there is no verdict, the run stops instead of waiting."""

    async def be_silent(*_: object) -> None:
        return None

    monkeypatch.setattr(Curator, "learn", be_silent)
    await _stopped(tmp_path, "stopped talking before there was a verdict")


async def test_what_the_log_cannot_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing something that is not a message makes the agent fail instead of losing the message."""

    async def babble(self: Curator, *_: object) -> None:
        await self.tell("hello")  # type: ignore[arg-type]

    monkeypatch.setattr(Curator, "learn", babble)
    await _stopped(tmp_path, "curator/main raised")
