"""Every reading command accepts a run with redacted payloads, and says so if it needs one of them."""

import asyncio
import json
from pathlib import Path

import pytest
from program_calls import Tp
from tiny_runs import RUN, begin, ignore, scripted, tiny_config

from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event

FORK_ROLES = ("scorer", "reference")


@pytest.fixture
def whole(tmp_path: Path) -> list[Event]:
    """Return a whole run in the log `log.db`."""
    return asyncio.run(begin(tiny_config(tmp_path), tmp_path, scripted()))


def _first(events: list[Event], kind: str) -> int:
    return next(event.seq for event in events if event.kind == kind)


def _redact(folder: Path, *seqs: int) -> Path:
    async def go() -> None:
        for seq in seqs:
            await redact(folder / "log.db", RUN, seq, "asked for")

    asyncio.run(go())
    return folder / "log.db"


def test_one_of_every_kind(whole: list[Event], tmp_path: Path, tp: Tp) -> None:
    """With the first payload of each kind redacted, the commands that need none of them still answer."""
    log = _redact(tmp_path, *{_first(whole, event.kind) for event in whole})
    for command in (
        ("runs",),
        ("show", RUN),
        ("show", RUN, "--json"),
        ("watch", RUN, "--display", "plain"),
        ("verify",),
        ("diff", RUN, RUN),
        ("project", RUN),
        ("export", RUN, "-o", "run.jsonl"),
    ):
        ended = tp(*command, "--log", log)
        assert (ended.status, ended.err) == (0, ""), command
    assert tp("import", "run.jsonl", "--log", "other.db").status == 0
    assert tp("verify", "--log", "other.db").status == 0


def test_explaining(whole: list[Event], tmp_path: Path, tp: Tp) -> None:
    """Messages before the first redaction of a kind are still explained, unless the opening is redacted."""
    log = _redact(tmp_path, *{_first(whole, event.kind) for event in whole if event.kind != "run.started"})
    some = next(e for e in whole if e.kind == "stage.started" and e.seq != _first(whole, e.kind))
    prompt = json.loads(some.data)["population"][0]["id"]
    commands = (
        ("why", RUN, prompt),
        ("cost", RUN),
        ("show", RUN, "--tree"),
        ("report", RUN, "-o", "run.html"),
        ("report", RUN, "--json"),
    )
    for command in commands:
        ended = tp(*command, "--log", log)
        assert ended.status == 0, (command, ended.err)
    assert "payloads were redacted" in Path("run.html").read_text(encoding="utf-8")
    _redact(tmp_path, whole[0].seq)
    for command in commands:
        refused = tp(*command, "--log", log)
        assert (refused.status, refused.out) == (2, ""), command
        assert "payload of seq 1 (run.started) was redacted" in refused.err


def test_one_message(whole: list[Event], tmp_path: Path, tp: Tp) -> None:
    """For a redacted message its size, its digest and the reason are shown."""
    seq = _first(whole, "proposals.made")
    log = _redact(tmp_path, seq)
    shown = tp("show", RUN, seq, "--json", "--log", log)
    assert shown.status == 0
    record = json.loads(shown.out)
    assert record["kind"] == "event.redacted"
    assert (record["message"]["seq"], record["message"]["reason"]) == (seq, "asked for")
    assert f"Seq {seq} (proposals.made from reference/main) was redacted." in shown.err


@pytest.mark.parametrize("kind", ["call.requested", "call.finished", "prompt.scored", "proposals.made"])
def test_no_difference(
    whole: list[Event], tmp_path: Path, tp: Tp, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A run and its fork compare equal, even if a payload of one is redacted; a change is found."""
    log, model = tmp_path / "log.db", scripted()
    pool = ModelPool.of(dict.fromkeys(FORK_ROLES, model))
    monkeypatch.setattr(lifecycle, "models_for", lambda *_: pool)
    at = _first(whole, "proposals.requested") - 1

    async def forks() -> list[str]:
        names = [await fork(log, RUN, at, {}), await fork(log, RUN, at, {"search.temperature": 0.5})]
        for name in names:
            await lifecycle.resume(log, name, ignore)
        return names

    same, other = asyncio.run(forks())
    _redact(tmp_path, _first(whole, kind))
    for pair_of_runs in ((RUN, same), (same, RUN)):
        assert "say the same" in tp("diff", *pair_of_runs, "--log", log).out
    assert "First divergence" in tp("diff", RUN, other, "--log", log).out
    assert "First divergence" in tp("diff", other, RUN, "--log", log).out


def test_the_settings_are_gone(whole: list[Event], tmp_path: Path, tp: Tp) -> None:
    """Without the opening message no setting is compared, and `resume` names the seq."""
    log = _redact(tmp_path, whole[0].seq)
    found = json.loads(tp("diff", RUN, RUN, "--json", "--log", log).out)
    assert (found["settings"], found["divergence"]) == ([], None)
    refused = tp("resume", RUN, "--log", log)
    assert refused.status == 2
    assert "payload of seq 1 (run.started) was redacted" in refused.err
