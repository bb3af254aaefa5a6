"""`tp redact` removes a payload for good and records it, and the log stays valid."""

import asyncio
import json
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from program_calls import Tp
from tiny_runs import RUN, begin, ignore, read, scripted, tiny_config

from transfer_prompting.orchestration.lineage import redact as redact_module
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.lineage.import_run import bring_in
from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.errors import LogBusy, NotRedactable
from transfer_prompting.storage.export_file import export
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.redaction import PayloadRedacted
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
async def log(tmp_path: Path) -> Path:
    """Return the log of a whole run."""
    await begin(tiny_config(tmp_path), tmp_path, scripted())
    return tmp_path / "log.db"


async def test_removed_and_recorded(log: Path) -> None:
    """The payload is empty, the rest of the row is unchanged, and a note records the redaction."""
    before = read(log.parent)
    await redact(log, RUN, 20, "names a  person")
    *after, record = read(log.parent)
    old, new = before[19], after[19]
    assert new.data == b""
    assert (new.id, new.at, new.hash, new.version) == (old.id, old.at, old.hash, old.version)
    assert [e for e in after if e.seq != 20] == [e for e in before if e.seq != 20]
    told = json.loads(record.data)
    assert told["event"] == old.id
    assert (told["seq"], told["size"], told["reason"]) == (20, len(old.data), "names a person")
    assert told["sha256"] == sha256(old.data).hexdigest()


def _raw(log: Path) -> bytes:
    return b"".join(path.read_bytes() for path in log.parent.glob("log.db*"))


async def test_no_trace_in_the_files(log: Path) -> None:
    """No file of the log holds the bytes, including free pages and the write-ahead log."""
    secret = read(log.parent)[2].data[100:400]
    assert secret in _raw(log)
    await redact(log, RUN, 3, "personal data")
    assert secret not in _raw(log)


async def test_still_sound(log: Path) -> None:
    """The chain verifies, the log accepts further events, and existing ones cannot be changed."""
    await redact(log, RUN, 20, "a reason")
    await redact(log, RUN, 21, "another")
    with LogReader(log) as reader:
        assert reader.verify(RUN) == len(read(log.parent))
    db = sqlite3.connect(log)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute("UPDATE event SET data = x'' WHERE seq = 5")
    db.close()


async def test_replay_stops_there(log: Path) -> None:
    """A replay stops at the redacted event and names it; a fork after it is refused."""
    await redact(log, RUN, 20, "a reason")
    seen: list[int] = []
    with pytest.raises(PayloadRedacted, match=r"seq 20 .*--to 19"):
        await lifecycle.reenact(log, RUN, lambda event: seen.append(event.seq))
    assert seen == list(range(1, 20))
    assert await lifecycle.reenact(log, RUN, ignore, to=19) == 19
    with pytest.raises(PayloadRedacted):
        await fork(log, RUN, 25, {})


async def test_twice_and_notes(log: Path) -> None:
    """A payload is redacted only once, and the note of a redaction never."""
    await redact(log, RUN, 20, "a reason")
    with pytest.raises(NotRedactable, match="already redacted"):
        await redact(log, RUN, 20, "a reason")
    with pytest.raises(NotRedactable, match="so it stays"):
        await redact(log, RUN, read(log.parent)[-1].seq, "a reason")


async def test_a_crash_between(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log with a recorded but incomplete redaction is valid; redacting again completes it."""
    with monkeypatch.context() as patched:
        patched.setattr(redact_module, "blank", lambda *_: None)
        await redact(log, RUN, 20, "a reason")
    length = len(read(log.parent))
    with LogReader(log) as reader:
        assert reader.verify(RUN) == length
    await redact(log, RUN, 20, "a reason")
    after = read(log.parent)
    assert len(after) == length
    assert after[19].data == b""


async def test_not_while_another_writes(log: Path) -> None:
    """While a process writes to the log, nothing is redacted."""
    writer = await EventLog.open(log)
    try:
        with pytest.raises(LogBusy):
            await redact(log, RUN, 20, "a reason")
    finally:
        await writer.close()
    assert all(event.data for event in read(log.parent))


async def test_carried_elsewhere(log: Path, tmp_path: Path) -> None:
    """A redacted run can be exported and imported; the payload stays removed and both logs are valid."""
    await redact(log, RUN, 20, "a reason")
    with LogReader(log) as reader:
        export(reader, RUN, tmp_path / "run.jsonl")
    other = tmp_path / "other" / "log.db"
    await bring_in(tmp_path / "run.jsonl", other)
    assert read(other.parent)[19].data == b""
    with LogReader(other) as reader:
        assert reader.verify(RUN) == len(read(log.parent)) + 1


def test_on_the_command_line(tmp_path: Path, tp: Tp) -> None:
    """The program reports what it blanked; verify passes, and verify --replay names the seq with status 2."""
    asyncio.run(begin(tiny_config(tmp_path), tmp_path, scripted()))
    ended = tp("redact", "tiny", 20, "--reason", "asked for by its author", "--log", tmp_path / "log.db")
    assert ended.status == 0
    assert "of seq 20 of tiny-0001" in ended.out
    assert tp("verify", "--log", tmp_path / "log.db").status == 0
    replayed = tp("verify", "--replay", "--log", tmp_path / "log.db")
    assert replayed.status == 2
    assert "payload of seq 20" in replayed.out
