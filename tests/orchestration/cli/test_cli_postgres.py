"""Every command works on a log in PostgreSQL as on a file, or its error names the alternative."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from log_stores import PostgresStore, postgres
from program_calls import Ended, Tp
from tiny_runs import scripted, write_task

from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.opening import open_reader

CONFIG = """
name = "tiny"
[source]
tasks = ["first"]
steps = 1
candidates = 2
examples = 6
[target]
task = "second"
steps = 1
candidates = 2
examples = 6
test_examples = 6
[search]
seed_prompts = false
[models]
scorer = { provider = "smollm2" }
reference = { provider = "smollm2" }
"""


@pytest.fixture
def stores(no_postgres: str | None, tmp_path: Path) -> Iterator[list[PostgresStore]]:
    """Return two empty places in PostgreSQL. Their schemas are dropped after the test."""
    if no_postgres:
        pytest.skip(no_postgres)
    with ExitStack() as open_stores:
        yield [open_stores.enter_context(postgres(tmp_path)) for _ in range(2)]


@pytest.fixture
def run(stores: list[PostgresStore], tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a run that `tp run` made in the first place, with a scripted model."""
    model = scripted()
    roles = ("scorer", "reference")
    pool = ModelPool.of(dict.fromkeys(roles, model))
    monkeypatch.setattr(lifecycle, "models_for", lambda *_: pool)
    for name in ("first", "second"):
        write_task(tmp_path, name)
    (tmp_path / "run.toml").write_text(CONFIG)
    _done(tp("run", "run.toml", "--log", stores[0].place, "--display", "none"))
    return _runs(tp, stores[0].place)[0]


def _done(ended: Ended) -> Ended:
    assert ended.status == 0, ended.err
    assert "Traceback" not in ended.err
    return ended


def _runs(tp: Tp, place: object) -> list[str]:
    found = json.loads(_done(tp("runs", "--json", "--log", place)).out)["runs"]
    assert {row["status"] for row in found} == {"finished"}
    return [row["run"] for row in found]


def _at(place: object, run: str, kind: str) -> int:
    """Return the seq before the first message of `kind`."""
    with open_reader(str(place)) as reader:
        return next(reader.read(run, kinds=(kind,))).seq - 1


def test_reading(stores: list[PostgresStore], tp: Tp, run: str) -> None:
    """show, best, watch, replay, verify and resume work for a run in a database."""
    log = ("--log", stores[0].place)
    shown = json.loads(_done(tp("show", run, "--json", *log)).out)
    assert (shown["run"], shown["status"]) == (run, "finished")
    assert "run.started" in _done(tp("show", run, 1, *log)).out
    assert _done(tp("best", "last", *log)).out.strip() == shown["best"]["text"]
    assert "improvement" in _done(tp("watch", "tiny", "--display", "plain", *log)).out
    assert "No call was made" in _done(tp("replay", "last", "--display", "none", *log)).err
    assert "up to seq 7" in _done(tp("replay", "--to", 7, "--display", "none", *log)).err
    assert _done(tp("verify", "--replay", *log)).out.startswith(f"{run}: ok, ")
    assert run in _done(tp("resume", run, "--display", "none", *log)).err


def test_fork_and_diff(stores: list[PostgresStore], tp: Tp, run: str) -> None:
    """A fork is in the same schema, ends, replays, and differs from its origin by the changed setting."""
    log = ("--log", stores[0].place)
    at = _at(stores[0].place, run, "proposals.requested")
    changed = ("--set", "search.temperature=0.5", "--display", "none")
    _done(tp("fork", run, "--at", at, *changed, *log))
    origin, forked = _runs(tp, stores[0].place)
    assert origin == run
    assert _done(tp("verify", "--replay", *log)).out.count(": ok, ") == 2
    found = json.loads(_done(tp("diff", run, forked, "--json", *log)).out)
    assert [setting["place"] for setting in found["settings"]] == ["search.temperature"]
    assert found["divergence"]["seqs"][0] > at


def test_there_and_back(stores: list[PostgresStore], tp: Tp, run: str) -> None:
    """A run that goes from a database into a file and on into another database is the same everywhere."""
    first, second = (store.place for store in stores)
    _done(tp("export", run, "-o", "run.jsonl", "--log", first))
    _done(tp("import", "run.jsonl", "--log", "file.db"))
    _done(tp("export", run, "-o", "again.jsonl", "--log", "file.db"))
    assert _done(tp("import", "again.jsonl", "--log", second)).out.startswith("Imported")
    for place in (first, second, "file.db"):
        assert "in the log already" in _done(tp("import", "run.jsonl", "--log", place)).out
        assert _done(tp("verify", "--replay", "--log", place)).out.startswith(f"{run}: ok, ")
    best = {_done(tp("best", run, "--json", "--log", place)).out for place in (first, second, "file.db")}
    assert len(best) == 1


def test_project(stores: list[PostgresStore], tp: Tp, run: str, tmp_path: Path) -> None:
    """The tables are in this folder, in a file named after the database, and describe the run."""
    log = ("--log", stores[0].place)
    assert "new events" in _done(tp("project", run, *log)).out
    tables = json.loads(_done(tp("project", run, "--json", *log)).out)["tables"]
    assert tables["run"][0]["status"] == "finished"
    assert {row["role"] for row in tables["cost"]} == {"scorer", "reference"}
    (file,) = tmp_path.glob("*.views.db")
    assert file.name.endswith(f"{stores[0].schema}.views.db")


def test_damage(stores: list[PostgresStore], tp: Tp, run: str) -> None:
    """`verify` finds a changed event in the database, and a run that was deleted from it."""
    log = ("--log", stores[0].place)
    stores[0].hurt("UPDATE event SET at = at + 1 WHERE seq = 5")
    changed = tp("verify", *log)
    assert (changed.status, "damaged at seq 5" in changed.out) == (2, True)
    stores[0].execute("DELETE FROM event")
    gone = tp("verify", *log)
    assert gone.status == 2
    assert gone.out.startswith(f"{run}: The head anchor knows seq")


def test_redaction_is_refused(stores: list[PostgresStore], tp: Tp, run: str) -> None:
    """A payload in a database cannot be erased: the error says why, and the alternative it names works."""
    log = ("--log", stores[0].place)
    refused = tp("redact", run, 7, "--reason", "private", *log)
    assert refused.status == 2
    assert "keeps old versions of a row" in refused.err
    assert "tp import FILE --log NEW.db" in refused.err
    assert _done(tp("verify", *log)).out.startswith(f"{run}: ok, ")
    _done(tp("export", run, "-o", "run.jsonl", *log))
    _done(tp("import", "run.jsonl", "--log", "new.db"))
    version = json.loads(_done(tp("show", run, 7, "--json", *log)).out)["version"]
    assert (
        f"of seq {version} of {run}"
        in _done(tp("redact", run, version, "--reason", "private", "--log", "new.db")).out
    )
