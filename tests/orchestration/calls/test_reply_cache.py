"""A call that was paid for is not paid for again, in this or another run of the log."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import ignore, reply_by_hash, said, scripted, tiny_config

from transfer_prompting.agents.messages import CallFinished
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.calls.reply_cache import ReplyCache
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.runtime import lifecycle, live_run
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader

Setting = tuple[Config, Path, ScriptedModel]


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setting:
    """Return a configuration, a log, and the scripted model that all runs ask."""
    model = scripted(reply_by_hash)
    roles = ("scorer", "reference")
    monkeypatch.setattr(
        lifecycle, "models_for", lambda *_: ModelPool.of(dict.fromkeys(roles, model), slots=16)
    )
    return tiny_config(tmp_path), tmp_path / "log.db", model


async def run(setting: Setting, *, reuse: bool = False) -> tuple[str, list[Event]]:
    """Start a run; return its name and its events."""
    config, log, _ = setting
    name, _ = await lifecycle.start(config.changed({"reuse": reuse}), log.parent, log, ignore)
    return name, read(log, name)


def read(log: Path, name: str) -> list[Event]:
    """Return the events of a run."""
    with open_reader(log) as reader:
        return list(reader.read(name))


def finished(events: list[Event]) -> list[CallFinished]:
    """Return the replies of a run."""
    return [message for e in events if isinstance(message := _message(e), CallFinished)]


def _message(event: Event) -> object:
    return decode(event) if event.kind == "call.finished" and event.data else None


async def test_with_reuse_the_same_run_costs_nothing(setting: Setting) -> None:
    """A second run of the same configuration reuses all replies and has the same conversation."""
    _, log, model = setting
    first, once = await run(setting)
    calls = model.calls
    second, again = await run(setting, reuse=True)
    assert calls > 0
    assert model.calls == calls
    assert {message.reused_from for message in finished(again)} <= {first, None}
    paid = {e.cause for e in once if e.kind == "call.finished"}
    assert all(message.reused in paid for message in finished(again) if message.reused_from)
    assert [m[:2] for m in said(again)] == [m[:2] for m in said(once)]
    assert await lifecycle.reenact(log, second, ignore) == len(again)


async def test_without_reuse_every_run_pays_for_itself(setting: Setting) -> None:
    """By default a run reuses no reply of another run."""
    *_, model = setting
    await run(setting)
    calls = model.calls
    _, again = await run(setting)
    assert model.calls == 2 * calls
    assert not [message for message in finished(again) if message.reused_from]


@pytest.mark.parametrize("share", [0.3, 0.7])
async def test_a_fork_pays_for_nothing_that_its_origin_has(setting: Setting, share: float) -> None:
    """A fork also reuses the calls that its origin made after the fork."""
    _, log, model = setting
    origin, events = await run(setting)
    calls = model.calls
    name = await fork(log, origin, events[int(share * len(events))].seq, {})
    await lifecycle.resume(log, name, ignore)
    assert model.calls == calls
    assert {message.reused_from for message in finished(read(log, name))} == {None, origin}


async def test_a_fork_of_a_fork_reaches_the_first(setting: Setting) -> None:
    """A fork reuses the replies of all its ancestors."""
    _, log, model = setting
    origin, events = await run(setting)
    calls = model.calls
    child = await fork(log, origin, events[len(events) // 2].seq, {})
    at = read(log, child)[len(events) // 3].seq
    grandchild = await fork(log, child, at, {})
    await lifecycle.resume(log, grandchild, ignore)
    assert model.calls == calls


async def test_a_redacted_reply_is_not_reused(setting: Setting) -> None:
    """A redacted reply is requested again, and only that one."""
    _, log, model = setting
    first, events = await run(setting)
    calls = model.calls
    gone = next(e for e in events if e.kind == "call.finished")
    await redact(log, first, gone.seq, "a name stood in it")
    await run(setting, reuse=True)
    assert model.calls == calls + 1


async def test_what_is_reused_is_counted(setting: Setting) -> None:
    """The view counts the reused replies and the tokens that they save."""
    _, once = await run(setting)
    _, again = await run(setting, reuse=True)
    view = view_of(again)
    paid, saved = view_of(once).calls, view.calls
    assert saved.reused == saved.finished > paid.reused
    assert (view.spending.prompt_tokens, view.spending.completion_tokens) == (0, 0)
    assert saved.saved_tokens == sum(
        m.reply.prompt_tokens + m.reply.completion_tokens for m in finished(again)
    )
    assert saved.as_json()["saved_tokens"] == saved.saved_tokens


def view_of(events: list[Event], message: Callable[[Event], object] = message_for) -> RunState:
    """Return the view of a run."""
    view = RunState()
    for event in events:
        view.apply(event, message(event))  # type: ignore[arg-type]
    return view


async def test_replies_in_the_log_are_not_kept_in_memory(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run keeps a reply only until the log has it: a thousand replies of a megabyte would fill a memory."""
    caches: list[ReplyCache] = []

    class Noted(ReplyCache):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            caches.append(self)

    monkeypatch.setattr(live_run, "ReplyCache", Noted)
    _, events = await run(setting)
    replies = finished(events)
    assert len({message.key for message in replies}) > 10
    [cache] = caches
    for message in replies:
        known = cache.find(message.key)
        assert known is not None
        assert known.reply == message.reply
    assert not cache._unrecorded
    cache.close()
