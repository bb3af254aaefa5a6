"""`tp try`: the winner of a run answers new rows, by the request and the settings that were measured."""

import asyncio
import csv
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from forked_programs import TP, run_forked
from openai_serving import Endpoint, completion, serving
from program_calls import Ended
from tiny_runs import reply_by_hash, write_task

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.orchestration.schemas.json_schema import document_type

CONFIG = """
name = "small"
[target]
task = "{task}"
steps = 1
examples = 6
test_examples = 6
[search]
seed_prompts = false
operators = ["extend"]
max_tokens = 33
[models.scorer]
provider = "openai"
model = "m"
base_url = "{url}"
temperature = 0.25
[models.reference]
provider = "openai"
model = "m"
base_url = "{url}"
"""
COLUMNS = """
[tasks.mine]
description = "Say whether the number is even."
initial_prompts = ["Even or odd?"]
answer = {{ type = "label", labels = ["yes", "no"] }}
data = {{ all = "all.csv", columns = {{ question = "number", answer = "even" }} }}
"""


@dataclass
class Setting:
    """A folder with a finished run, and the server that its models are on."""

    folder: Path
    endpoint: Endpoint

    async def tp(self, *arguments: object, **environment: str) -> Ended:
        """Call the program in the folder, in a process of its own."""
        return await _tp(self.folder, *arguments, **environment)


async def _tp(folder: Path, *arguments: object, **environment: str) -> Ended:
    variables = {**os.environ, **environment}
    done = await asyncio.to_thread(run_forked, TP, *arguments, folder=folder, environment=variables)
    return Ended(done.returncode, done.stdout, done.stderr)


async def _reply(request: web.Request) -> web.Response:
    """Answer as the scripted model of the tests does."""
    body = await request.json()
    messages = tuple(ChatMessage(role=m["role"], content=m["content"]) for m in body["messages"])
    return web.json_response(completion(reply_by_hash(ModelRequest(messages=messages))))


@asynccontextmanager
async def finished_run(folder: Path, task: str = "second") -> AsyncIterator[Setting]:
    """Yield a folder with a run that was started there."""
    write_task(folder, "second")
    rows = "".join(f"number {n},{'no' if n % 2 else 'yes'}\n" for n in range(40))
    (folder / "all.csv").write_text(f"number,even\n{rows}")
    async with serving() as endpoint:
        endpoint.handler = _reply
        text = CONFIG + (COLUMNS if task == "mine" else "")
        (folder / "c.toml").write_text(text.format(url=endpoint.url, task=task))
        ended = await _tp(folder, "run", "c.toml", "--display", "none")
        assert ended.status == 0, ended.err
        endpoint.requests.clear()
        yield Setting(folder, endpoint)


def write_jsonl(path: Path, *rows: Any) -> None:
    """Write JSON Lines."""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


async def test_new_rows(tmp_path: Path) -> None:
    """Each row keeps its columns and gets reply, answer and confidence; the request is the measured one."""
    async with finished_run(tmp_path) as here:
        write_jsonl(
            tmp_path / "new.jsonl", {"question": " one ", "n": [1]}, {"question": "two {{ question }}"}
        )
        ended = await here.tp("try", "last", "--input", "new.jsonl")
        best = (await here.tp("best", "last")).out.rstrip("\n")
        measured = json.loads((await here.tp("best", "last", "--as", "request")).out)
    assert ended.status == 0, ended.err
    first, second = map(json.loads, ended.out.splitlines())
    assert (first["question"], first["n"], first["error"]) == (" one ", [1], "")
    assert first["output"].startswith("Answer: ")
    assert first["answer"] in ("yes", "no")
    assert 0 <= first["confidence"] <= 1
    assert second["question"] == "two {{ question }}"
    bodies = {body["messages"][0]["content"]: body for body, _ in here.endpoint.requests}
    [text] = [text for text in bodies if "Text: one\n" in text]
    assert text.startswith(f"{best}\n\nText: one\nOptions: yes, no")
    assert {**bodies[text], "messages": []} == {**measured, "messages": []}
    assert (measured["max_tokens"], measured["temperature"]) == (33, 0.25)
    assert "2 of 2 rows answered" in ended.err


async def test_columns_of_the_task(tmp_path: Path) -> None:
    """Columns are mapped as in the task, gold is not needed, and a column of the input is never replaced."""
    async with finished_run(tmp_path, "mine") as here:
        (tmp_path / "new.csv").write_text('number,answer,list\n"number, 8",mine,"[1, 2]"\nnumber 9,,\n')
        ended = await here.tp("try", "small", "--input", "new.csv", "--output", "out.csv", "--limit", "1")
    assert (ended.status, ended.out) == (0, ""), ended.err
    with (tmp_path / "out.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert list(row) == ["number", "answer", "list", "output", "model_answer", "confidence", "error"]
    assert (row["number"], row["answer"], row["list"]) == ("number, 8", "mine", "[1, 2]")
    assert row["model_answer"] in ("yes", "no")
    [(body, _)] = here.endpoint.requests
    assert "Text: number, 8\n" in body["messages"][0]["content"]


async def test_rows_that_fail(tmp_path: Path) -> None:
    """A row that cannot be asked about, or whose call fails, has its error; the others are answered."""
    async with finished_run(tmp_path) as here:

        async def reply(request: web.Request) -> web.StreamResponse:
            if "Text: bad\n" in (await request.json())["messages"][0]["content"]:
                return await here.endpoint.respond({"error": {"message": "no, \x1b[2J"}}, 400)(request)
            return await _reply(request)

        here.endpoint.handler = reply
        rows = [
            {"question": "good"},
            {"text": "x"},
            {"question": "bad"},
            {"question": " "},
            {"question": "last"},
        ]
        write_jsonl(tmp_path / "new.jsonl", *rows)
        ended = await here.tp("try", "last", "--input", "new.jsonl", "--output", "out.jsonl", "--json")
    assert ended.status == 1
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [bool(row["error"]) for row in found] == [False, True, True, True, False]
    assert (
        "new.jsonl:2: there is no column 'question', which the request shows; there are text."
        in found[1]["error"]
    )
    assert "The endpoint answered 400" in found[2]["error"]
    assert found[2]["output"] == ""
    document = json.loads(ended.out)
    assert (document["rows"], document["failed"], document["answers"]) == (5, 3, None)
    assert "3 of 5 rows have no reply" in ended.err


async def test_a_refused_key(tmp_path: Path) -> None:
    """After a failure that every request would meet, nothing more is sent, and each row says why."""
    async with finished_run(tmp_path) as here:
        here.endpoint.handler = here.endpoint.respond({"error": {"message": "bad key"}}, 401)
        write_jsonl(tmp_path / "new.jsonl", *({"question": f"q {n}"} for n in range(200)))
        ended = await here.tp("try", "last", "--input", "new.jsonl", "--json")
    assert ended.status == 1
    document = json.loads(ended.out)
    assert document.pop("schema") == "transfer-prompting/tried/1"
    document_type("tried").validate_python(document)
    assert document["failed"] == len(document["answers"]) == 200
    assert len(here.endpoint.requests) < 100
    assert document["answers"][-1]["error"].startswith("Not asked: The endpoint answered 401")


async def test_a_run_from_elsewhere(tmp_path: Path) -> None:
    """A log whose run was not started here makes no connection before the user consents."""
    async with finished_run(tmp_path / "a") as here:
        write_jsonl(here.folder / "new.jsonl", {"question": "one"})
        state = {"TRANSFER_PROMPTING_STATE_DIR": str(tmp_path / "state")}
        for more, status, sent in (([], 2, 0), (["--config", "c.toml"], 0, 1), (["--trust"], 0, 2)):
            ended = await here.tp("try", "last", "--input", "new.jsonl", *more, **state)
            assert (ended.status, len(here.endpoint.requests)) == (status, sent), ended.err


@pytest.mark.parametrize(
    ("name", "text", "options", "message"),
    [
        ("new.jsonl", "", [], "new.jsonl holds no rows"),
        ("new.jsonl", '{"text": "x"}', [], "new.jsonl:1: there is no column 'question'"),
        ("new.jsonl", "{", [], "new.jsonl:1: not JSON"),
        ("new.xlsx", "", [], "unknown format"),
        (
            "new.jsonl",
            '{"question": "x"}',
            ["--output", "new.jsonl"],
            "and would be replaced",
        ),
        ("new.jsonl", '{"question": "x"}', ["--output", "out.txt"], "a name that ends in .csv, .jsonl"),
        ("new.jsonl", '{"question": "x"}', ["--output", "no/out.csv"], "cannot be written"),
        ("new.jsonl", '{"question": "x"}', ["--limit", "0"], "--limit"),
    ],
)
async def test_wrong_files(shared: Setting, name: str, text: str, options: list[str], message: str) -> None:
    """Files that cannot be used are errors with status 2, and nothing is sent."""
    (shared.folder / name).write_text(text)
    ended = await shared.tp("try", "last", "--input", name, *options)
    assert (ended.status, ended.out) == (2, "")
    assert message in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    """Return a folder with a run whose server has gone."""

    async def make() -> Setting:
        async with finished_run(tmp_path_factory.mktemp("shared")) as here:
            return here

    return asyncio.run(make())
