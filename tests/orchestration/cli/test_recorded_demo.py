"""`tp replay demo`: the recorded run that comes with the program, and that it is a run of today's program."""

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from log_making import draft, write
from program_calls import Tp
from record_demo import CONFIG, RECORDING, ROOT

from transfer_prompting.agents.messages import Message, RunStarted, TaskLoaded
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.scoring import finding
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.cli import replay
from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.runtime.assembly import opening
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import DEMO

REMAKE = "The recorded demo is out of date. Record it again: make recording"
MOST_BYTES = 1_000_000
READING = {
    "runs": ("runs", "--log", DEMO),
    "watch": ("watch", "demo", "--display", "plain"),
    "show": ("show", "demo"),
    "best": ("best", "demo"),
    "why": ("why", "demo", "best"),
    "cost": ("cost", "demo"),
    "report": ("report", "demo", "--json"),
    "audit": ("audit", "demo"),
    "verify": ("verify", "demo"),
    "diff": ("diff", "demo", "demo"),
    "experience": ("experience", "--log", DEMO),
}
WRITING = {
    "resume": ("resume", "demo"),
    "fork": ("fork", "demo", "--at", "9"),
    "migrate": ("migrate", "demo", "--scorer", "smollm2"),
    "redact": ("redact", "demo", "9", "--reason", "x"),
    "project": ("project", "demo"),
    "run": ("run", CONFIG, "--log", DEMO),
}


def _opening(messages: list[Message]) -> tuple[dict[str, object], list[Message]]:
    """Return what a run began with: its settings, and its tasks with all examples."""
    started = next(one for one in messages if isinstance(one, RunStarted))
    settings = started.model_dump(exclude={"models", "versions"})
    return settings, [one for one in messages if isinstance(one, TaskLoaded)]


def test_replay(tp: Tp) -> None:
    """The agents of today say, byte for byte, what the recording says."""
    ended = tp("replay", "demo", "--display", "none")
    assert ended.status == 0, f"{REMAKE}\n{ended.err}"
    assert "every message is, byte for byte, what the agents say today. No call was made." in ended.err


def test_an_agent_that_says_something_else(tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """If an agent no longer says what the recording says, the replay fails and tells how to look at it."""
    monkeypatch.setattr(finding, "sentence", lambda *_args, **_settings: "anything else")
    ended = tp("replay", "demo", "--display", "none")
    assert ended.status == 1
    assert "it says run.finished" in ended.err
    assert "tp replay demo --no-verify" in ended.err


@pytest.mark.parametrize(("arguments", "pace"), [((), 50), (("--speed", "0"), 0), (("--speed", "2"), 2)])
def test_it_plays_by_itself(
    tp: Tp, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], pace: float
) -> None:
    """On a screen the recorded run plays at once, unless a speed is given; a run of the user waits."""
    paces = []
    monkeypatch.setattr(replay, "_replay_on_screen", lambda *_, speed, **__: paces.append(speed))
    tp("replay", "demo", "--display", "full", *arguments)
    tp("replay", "demo", "--display", "full", "--log", "own.db", "--no-verify")
    assert paces == [pace, 0]


def test_it_is_the_demo_of_today() -> None:
    """The recorded run has the settings, the examples and the version that `make demo` has today."""
    with open_reader(DEMO) as reader:
        events = list(reader.read("demo", kinds=("run.started", "task.loaded")))
    recorded = [decode(event) for event in events]
    pool = ModelPool.of({role: ScriptedModel(lambda _: "") for role in ("scorer", "reference")})
    now = opening(read_config(CONFIG).for_new_run(), CONFIG.parent, pool)
    assert _opening(recorded) == _opening(now), REMAKE
    started = next(one for one in recorded if isinstance(one, RunStarted))
    assert started.versions["transfer-prompting"] == metadata.version("transfer-prompting"), REMAKE


def test_size_and_contents() -> None:
    """The recording is smaller than a megabyte, and holds no path of the machine that made it."""
    assert RECORDING.stat().st_size < MOST_BYTES
    with open_reader(DEMO) as reader:
        data = b"".join(event.data for event in reader.read("demo"))
    assert str(ROOT).encode() not in data
    assert str(Path.home()).encode() + b"/" not in data


@pytest.mark.parametrize("arguments", READING.values(), ids=READING)
def test_reading(tp: Tp, arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Every command that reads a run shows the recorded one in a folder without a log, and writes nothing."""
    ended = tp(*arguments)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", WRITING.values(), ids=WRITING)
def test_writing(tp: Tp, arguments: tuple[str, ...], tmp_path: Path) -> None:
    """A command that would change the recording is refused, and says how to make the run one's own."""
    before = RECORDING.read_bytes()
    ended = tp(*arguments)
    assert ended.status == 2
    assert "read-only" in ended.err
    assert "tp export demo -o demo.jsonl, then tp import demo.jsonl" in ended.err
    assert RECORDING.read_bytes() == before
    assert list(tmp_path.iterdir()) == []


def test_made_ones_own(tp: Tp) -> None:
    """Exported and imported, the recorded run is a run of the user's log, and found there."""
    assert tp("export", "demo", "-o", "demo.jsonl").status == 0
    assert tp("import", "demo.jsonl").status == 0
    assert tp("runs").out.splitlines()[1].startswith("demo ")
    assert "run.imported" in tp("watch", "demo", "--display", "log").out


def test_own_run(tp: Tp, tmp_path: Path) -> None:
    """A run of the user's log whose name begins with "demo" comes first; ":demo:" names the recording."""
    write(tmp_path / "transfer-prompting.db", draft(1, "demo-1a2b"))
    assert "Wrote 1 events of demo-1a2b" in tp("export", "demo", "-o", "own.jsonl").out
    assert " events of demo to " in tp("export", "demo", "-o", "recorded.jsonl", "--log", DEMO).out


def test_several_own_runs(tp: Tp, tmp_path: Path) -> None:
    """Two runs of the user that fit are an error, as for every other name."""
    write(tmp_path / "transfer-prompting.db", draft(1, "demo-1"), draft(1, "demo-2"))
    ended = tp("best", "demo")
    assert ended.status == 2
    assert "fits several runs in transfer-prompting.db. Choose one of: demo-1, demo-2" in ended.err


def test_other_own_runs(tp: Tp, tmp_path: Path) -> None:
    """A log without such a run does not hide the recording."""
    write(tmp_path / "transfer-prompting.db", draft(1, "tickets-1a2b"))
    assert tp("best", "demo").status == 0


@pytest.mark.parametrize("content", [b"", b"no log"])
def test_a_log_that_cannot_be_read(tp: Tp, tmp_path: Path, content: bytes) -> None:
    """A file in the place of the log that is no log does not hide the recording."""
    (tmp_path / "transfer-prompting.db").write_bytes(content)
    assert tp("best", "demo").status == 0


def test_a_log_named_demo(tp: Tp, tmp_path: Path) -> None:
    """`--log demo` is the user's file of that name, never the recording."""
    ended = tp("best", "demo", "--log", "demo")
    assert ended.status == 2
    assert "There is no log at demo" in ended.err


def test_read_only_package(tmp_path: Path) -> None:
    """The recording is read where the folder of the package, and the current one, cannot be written."""
    place = tmp_path / "site" / "transfer_prompting"
    ignored = shutil.ignore_patterns(
        "tests", "docs", "build", ".*", "__pycache__", "benchmarks", "*.egg-info"
    )
    shutil.copytree(ROOT, place, ignore=ignored)
    here = tmp_path / "here"
    here.mkdir()
    before = sorted(place.rglob("*"))
    folders = [path for path in (place, *place.rglob("*"), here) if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    try:
        program = "from transfer_prompting.orchestration.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-B", "-c", program, "show", "demo"],
            cwd=here,
            env={**os.environ, "PYTHONPATH": str(place.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "Verdict" in done.stdout
        # The superuser could write there nevertheless.
        assert (list(here.iterdir()), sorted(place.rglob("*"))) == ([], before)
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_missing_or_damaged_recording(monkeypatch: pytest.MonkeyPatch, tp: Tp, tmp_path: Path) -> None:
    """A recording that is missing or damaged is one clear error."""
    from transfer_prompting.storage.sqlite import recorded

    monkeypatch.setattr(recorded, "files", lambda _: tmp_path)
    recorded._recorded.cache_clear()
    ended = tp("show", "demo")
    assert ended.status == 2
    assert "The recorded run is missing from the package" in ended.err
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings/demo.db.xz").write_bytes(RECORDING.read_bytes()[:-100])
    ended = tp("show", "demo")
    assert ended.status == 2
    assert "The recorded run is damaged" in ended.err
    recorded._recorded.cache_clear()
