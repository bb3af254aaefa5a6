"""Commands print documents with --json, and the documents match their schemas."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harbour_run import RUN, harbour_log, sail
from program_calls import Tp
from pydantic import ValidationError
from tiny_runs import scripted

import transfer_prompting
from transfer_prompting.agents.messages import PromptScored
from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.cli import run_estimate
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.schemas.json_schema import document_type, json_schema
from transfer_prompting.orchestration.schemas.registry import DOCUMENTS, schema_name

SCHEMAS = Path(transfer_prompting.__file__).parent / "docs" / "schemas"
LOG = ("--log",)
ROLE = """
import time
from transfer_prompting import Reviewer, ReviewRequested, Veto


class Mine(Reviewer):
    async def review(self, request: ReviewRequested) -> Veto | None:
        return Veto(f"at {clock}")
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a log with two runs."""
    import asyncio

    folder = tmp_path_factory.mktemp("two")
    asyncio.run(sail(folder, steps=1))
    return asyncio.run(sail(folder, "harbour-0002", history=1, steps=1))


def _matched(kind: str, document: dict[str, Any]) -> None:
    """Fail unless the document is what the type of its schema reads in it: no field more, none less."""
    shape = document_type(kind)
    read = shape.validate_json(json.dumps(document))
    assert json.loads(shape.dump_json(read)) == document


def _checked(kind: str, printed: str) -> dict[str, Any]:
    """Return the document that was printed. It must have the shape and the schema name of its kind."""
    document: dict[str, Any] = json.loads(printed)
    name, content = document["schema"], {key: document[key] for key in document if key != "schema"}
    assert name == schema_name(kind)
    _matched(kind, content)
    return document


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("runs", ("runs",)),
        ("run", ("show", RUN)),
        ("event", ("show", RUN, 1)),
        ("tree", ("show", RUN, "--tree")),
        ("best", ("best", RUN)),
        ("winner", ("best", RUN, "--as", "json")),
        ("leader", ("best", RUN, "--by", "accuracy")),
        ("why", ("why", RUN, "best")),
        ("cost", ("cost", RUN)),
        ("experience", ("experience",)),
        ("report", ("report", RUN)),
        ("compare", ("compare", RUN, "harbour-0002")),
        ("diff", ("diff", RUN, "harbour-0002")),
        ("verify", ("verify",)),
        ("tables", ("project", RUN)),
    ],
)
def test_documents_about_a_log(tp: Tp, log: Path, kind: str, arguments: tuple[object, ...]) -> None:
    """Each reading command prints one document of its kind, and nothing else, on stdout."""
    as_json = () if "--as" in arguments else ("--json",)
    ended = tp(*arguments, *as_json, *LOG, log)
    assert ended.status == 0, ended.err
    assert _checked(kind, ended.out)


@pytest.mark.parametrize("kind", ["tasks", "doctor"])
def test_documents_about_the_program(tp: Tp, kind: str) -> None:
    """The commands that describe the installation print documents as well."""
    assert _checked(kind, tp(kind, "--json").out)


def test_the_example(tp: Tp, account: RunHistory) -> None:
    """The answers to an example are a document of their own."""
    scored = next(m for _, m in account.of(PromptScored))
    example = scored.outcomes[0].example
    printed = tp("why", RUN, scored.candidate, "--example", example, "--json", *LOG, harbour_log()).out
    assert _checked("example", printed)["example"] == example


def test_the_prompt(tp: Tp, account: RunHistory) -> None:
    """The measures of a prompt are a document of their own."""
    assert account.state.winner is not None
    prompt = account.state.winner.id
    assert _checked("prompt", tp("show", RUN, prompt, "--json", *LOG, harbour_log()).out)["id"] == prompt


def test_lines(tp: Tp, log: Path) -> None:
    """Each line of a watched run matches the schema of a line."""
    lines = tp("watch", RUN, "--display", "json", "--no-follow", *LOG, log).out.splitlines()
    assert len(lines) > 100
    for line in lines[:50] + lines[-50:]:
        _matched("line", json.loads(line))


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ((), {"surplus": 1}),
        (("roles", 0), {"surplus": 1}),
        (("roles", 0), {"calls": "1"}),
        ((), {"seconds": None}),
    ],
)
def test_other_shapes_are_refused(
    tp: Tp, log: Path, place: tuple[str | int, ...], change: dict[str, Any]
) -> None:
    """A document with an unknown field or a wrong value, at any depth, does not match its schema."""
    document = json.loads(tp("cost", RUN, "--json", *LOG, log).out)
    del document["schema"]
    _matched("cost", document)
    inner = document
    for key in place:
        inner = inner[key]
    inner.update(change)
    with pytest.raises((AssertionError, ValidationError)):
        _matched("cost", document)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_schemas_are_closed(kind: str) -> None:
    """Each object in a schema lists its fields and allows no others."""
    schema = json_schema(kind)
    for part in (schema, *schema.get("$defs", {}).values()):
        assert "properties" not in part or part["additionalProperties"] is False


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_schemas_are_current(kind: str) -> None:
    """The schema in docs/schemas is the one that `make schemas` writes today."""
    assert json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8")) == json_schema(kind)


def test_no_other_schemas() -> None:
    """docs/schemas has one file per document and no others."""
    assert {path.stem for path in SCHEMAS.iterdir()} == set(DOCUMENTS)


def test_the_command(tp: Tp) -> None:
    """`tp schema` lists the documents or prints one; the error for an unknown name lists them as well."""
    assert tp("schema").out.split() == list(DOCUMENTS)
    assert json.loads(tp("schema", "why").out) == json_schema("why")
    refused = tp("schema", "because")
    assert refused.status == 2
    assert "why" in refused.err


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Path]:
    """Return a function that writes a configuration whose models all answer by the given function."""
    from tiny_runs import write_task

    def write(answer: Any) -> Path:
        write_task(tmp_path, "second")
        monkeypatch.setattr(
            "transfer_prompting.orchestration.runtime.assembly.build_model",
            lambda _settings: scripted(answer),
        )
        path = tmp_path / "c.toml"
        path.write_text(
            'name = "small"\n[target]\ntask = "second"\nsteps = 1\nexamples = 6\ntest_examples = 6\n'
            '[search]\nseed_prompts = false\noperators = ["extend"]\n'
            '[models.scorer]\nprovider = "smollm2"\n[models.reference]\nprovider = "smollm2"\n'
        )
        return path

    return write


def test_a_run_in_two_records(tp: Tp, config: Callable[[Any], Path]) -> None:
    """`tp run --json` prints a launch record and a done record, one line each, and the rest on stderr."""
    from tiny_runs import reply_by_hash

    ended = tp("run", config(reply_by_hash), "--json", "--display", "plain")
    first, last = ended.out.splitlines()
    assert ended.status == 0
    launch, done = _checked("launch", first), _checked("done", last)
    assert launch["run"] == done["run"]
    assert (done["outcome"], done["error"]) == ("finished", None)
    assert done["best"]["text"] == tp("best", "last").out.rstrip("\n")
    assert "score" in ended.err


def test_a_failed_run_in_two_records(tp: Tp, config: Callable[[Any], Path]) -> None:
    """A run that fails prints a done record with the error, also when it is resumed, and exits with 1."""

    def refuse(_request: object) -> str:
        raise ModelError("authentication", "no such key")

    path = config(refuse)
    for arguments in (("run", path), ("resume", "last")):
        ended = tp(*arguments, "--json", "--display", "none")
        launch, done = map(json.loads, ended.out.splitlines())
        assert ended.status == 1
        assert _checked("done", json.dumps(done))["outcome"] == "failed"
        assert launch["run"] == done["run"]
        assert "no such key" in done["error"]


def test_records_or_events(tp: Tp, config: Callable[[Any], Path]) -> None:
    """Records and events cannot share stdout: asking for both is refused."""
    ended = tp("run", config(str), "--json", "--display", "json")
    assert (ended.status, ended.out) == (2, "")


def test_an_estimate(tp: Tp, config: Callable[[Any], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run prints its estimate as a document."""
    model, roles = scripted(), ("scorer", "reference")
    monkeypatch.setattr(
        run_estimate, "models_for", lambda _: ModelPool.of(dict.fromkeys(roles, model), slots=4)
    )
    ended = tp("run", config(str), "--dry-run", "--json")
    assert ended.status == 0, ended.err
    assert _checked("estimate", ended.out)["total"]["calls"]["most"] > 0


@pytest.mark.parametrize(("clock", "status"), [("0", 0), ("time.time()", 1)])
def test_a_role(tp: Tp, tmp_path: Path, clock: str, status: int) -> None:
    """The test of a role prints its result as a document, whether the role passes or fails."""
    (tmp_path / "mine.py").write_text(ROLE.replace("{clock}", "{" + clock + "}"))
    ended = tp("check-role", "mine.py", "--json")
    assert ended.status == status, ended.err
    assert bool(_checked("role", ended.out)["faults"]) == bool(status)


def test_a_wrong_configuration(tp: Tp) -> None:
    """A run that never starts prints no record."""
    ended = tp("run", "nothing.toml", "--json")
    assert (ended.status, ended.out) == (2, "")
    assert "nothing.toml" in ended.err
