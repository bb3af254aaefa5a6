"""What the commands print with --json: documents that keep to their schema."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harbour_run import RUN, harbour_log, sail
from program_calls import Tp
from tiny_runs import scripted

import transfer_prompting
from transfer_prompting.agents.messages import PromptScored
from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.schemas.documents import LINE, SHAPES, json_schema
from transfer_prompting.orchestration.schemas.names import VERSIONS, schema_name

SCHEMAS = Path(transfer_prompting.__file__).parent / "docs" / "schemas"
LOG = ("--log",)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with two runs."""
    import asyncio

    folder = tmp_path_factory.mktemp("two")
    asyncio.run(sail(folder, steps=1))
    return asyncio.run(sail(folder, "harbour-0002", promote=1, steps=1))


def _checked(kind: str, printed: str) -> dict[str, Any]:
    """The document that was printed; it must have the shape, and the schema name, of its kind."""
    SHAPES[kind].model_validate_json(printed)
    document: dict[str, Any] = json.loads(printed)
    assert document["schema"] == schema_name(kind)
    return document


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("runs", ("runs",)),
        ("run", ("show", RUN)),
        ("event", ("show", RUN, 1)),
        ("tree", ("show", RUN, "--tree")),
        ("best", ("best", RUN)),
        ("leader", ("best", RUN, "--by", "accuracy")),
        ("why", ("why", RUN, "best")),
        ("cost", ("cost", RUN)),
        ("report", ("report", RUN)),
        ("compare", ("compare", RUN, "harbour-0002")),
        ("diff", ("diff", RUN, "harbour-0002")),
        ("verify", ("verify",)),
        ("tables", ("project", RUN)),
    ],
)
def test_documents_about_a_log(tp: Tp, log: Path, kind: str, arguments: tuple[object, ...]) -> None:
    """Each reading command prints one document of its kind, on stdout, and nothing else there."""
    ended = tp(*arguments, "--json", *LOG, log)
    assert ended.status == 0, ended.err
    assert _checked(kind, ended.out)


@pytest.mark.parametrize("kind", ["tasks", "doctor"])
def test_documents_about_the_program(tp: Tp, kind: str) -> None:
    """The commands that look at the installation print documents, too."""
    assert _checked(kind, tp(kind, "--json").out)


def test_the_example(tp: Tp, account: RunHistory) -> None:
    """What was said about an example is a document of its own."""
    scored = next(m for _, m in account.of(PromptScored))
    example = scored.outcomes[0].example
    printed = tp("why", RUN, scored.candidate, "--example", example, "--json", *LOG, harbour_log()).out
    assert _checked("example", printed)["example"] == example


def test_the_prompt(tp: Tp, account: RunHistory) -> None:
    """Every measure of a prompt is a document of its own."""
    assert account.state.winner is not None
    prompt = account.state.winner.id
    assert _checked("prompt", tp("show", RUN, prompt, "--json", *LOG, harbour_log()).out)["id"] == prompt


def test_lines(tp: Tp, log: Path) -> None:
    """Each line of a watched run has the shape of a line."""
    lines = tp("watch", RUN, "--display", "json", "--no-follow", *LOG, log).out.splitlines()
    assert len(lines) > 100
    for line in lines[:50] + lines[-50:]:
        LINE.model_validate_json(line)


@pytest.mark.parametrize("kind", VERSIONS)
def test_schemas_are_current(kind: str) -> None:
    """The schema in docs/schemas is the one that `make schemas` writes today."""
    assert json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8")) == json_schema(kind)


def test_no_other_schemas() -> None:
    """docs/schemas has one file for each document, and no others."""
    assert {path.stem for path in SCHEMAS.iterdir()} == set(VERSIONS) == {*SHAPES, "line"}


def test_the_command(tp: Tp) -> None:
    """`tp schema` lists the documents and prints one; an unknown name is refused with those there are."""
    assert tp("schema").out.split() == list(VERSIONS)
    assert json.loads(tp("schema", "why").out) == json_schema("why")
    refused = tp("schema", "because")
    assert refused.status == 2
    assert "why" in refused.err


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Path]:
    """Write a configuration whose models all answer by the given function."""
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
    """`tp run --json` prints a launch and a done record, one line each, and talks on stderr."""
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
    """A run that fails has a done record with the error, and a status that is not zero; resumed, too."""

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
    """Records and events on the same stdout would be mixed, so both at once are refused."""
    ended = tp("run", config(str), "--json", "--display", "json")
    assert (ended.status, ended.out) == (2, "")


def test_a_wrong_configuration(tp: Tp) -> None:
    """A run that never begins has no record."""
    ended = tp("run", "nothing.toml", "--json")
    assert (ended.status, ended.out) == (2, "")
    assert "nothing.toml" in ended.err
