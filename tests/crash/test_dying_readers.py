"""Eight readers follow a writer, and half of them are killed in the middle of a page."""

from contextlib import ExitStack
from pathlib import Path

from hanging import no_hanging  # noqa: F401 - a fixture
from log_making import child, draft, events, names, said, writing

from transfer_prompting.storage.sqlite.reader import LogReader

WATCH = """
import asyncio, sys
from pathlib import Path
from transfer_prompting.storage.sqlite.reader import LogReader
async def watch():
    with LogReader(Path(sys.argv[1])) as reader:
        seen = 0
        async for event in reader.follow("run-a", poll=0):
            seen += 1
            assert event.seq == seen
            if seen == int(sys.argv[2]):
                print(seen, flush=True)
                if sys.argv[3] == "stay":
                    # In the middle of its page: the statement stays open until the process is killed.
                    reader._db.execute("SELECT * FROM event").fetchone()
                    sys.stdin.read()
                return
asyncio.run(watch())
"""
EVENTS, FIRST = 4000, 200


def test_watchers_come_and_are_killed(tmp_path: Path) -> None:
    """The log has every event, surviving readers see them all, and no reader leaves a file."""
    path = tmp_path / "log.db"
    with ExitStack() as stack:
        with writing(path) as log:
            log.submit([draft(0)]).result()
            beside = names(tmp_path)
            dying = [stack.enter_context(child(WATCH, path, FIRST, "stay")) for _ in range(4)]
            living = [stack.enter_context(child(WATCH, path, EVENTS, "go")) for _ in range(4)]
            written = [log.submit([draft(n, data=b"x" * 500)]) for n in range(1, EVENTS // 2)]
            for process in dying:
                assert said(process) == str(FIRST)
                process.kill()
            written += [log.submit([draft(n, data=b"x" * 500)]) for n in range(EVENTS // 2, EVENTS)]
            assert [one.result()[0].seq for one in written] == list(range(2, EVENTS + 1))
            for process in living:
                assert said(process) == str(EVENTS)
                assert process.wait() == 0
            assert set(names(tmp_path)) <= {*beside, "log.db.head", "log.db.head.new"}
        assert names(tmp_path) == ["log.db", "log.db.head", "log.db.lock"]
    assert len(events(path)) == EVENTS
    with LogReader(path) as reader:
        assert reader.verify("run-a") == EVENTS
