"""Runs whose program is a command or an endpoint, as docs/programs-elsewhere.md describes them."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from blocks import ROOT, blocks
from job_server import answering
from openai_serving import Endpoint, serving

from transfer_prompting.agents.messages import RunFinished
from transfer_prompting.orchestration.config.functions import with_functions
from transfer_prompting.orchestration.config.settings import Config, read_config
from transfer_prompting.orchestration.errors import ConfigError, RunStopped
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.trust.code_files import fingerprints
from transfer_prompting.storage.opening import open_reader

PAGE = list(blocks((ROOT / "docs/programs-elsewhere.md").read_text(encoding="utf-8")))
IN_PYTHON = """
import json, sys
def read():
    return json.loads(sys.stdin.readline())
def ask(text, words):
    print(json.dumps({"id": 1, "ask": {"text": text, "messages": words}}), flush=True)
    return read()["reply"]["text"]
given = read()
row, prompts = given["example"], given["prompts"]
found = ask("find", prompts["find"] + row["context"] + row["question"])
print(json.dumps({"output": ask("answer", prompts["answer"] + found + row["question"])}), flush=True)
"""
MODELS = """
name = "elsewhere"
[target]
task = "passages"
steps = 1
"""
MODEL = '[models.{}]\nprovider = "openai"\nmodel = "small"\nbase_url = "{}"\n'


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job").mkdir()
    shutil.copy(ROOT / "examples/jobs/passages.jsonl", tmp_path / "job")


def config_with(program: str, models: str) -> Config:
    """Return the configuration of the page's job whose program has the key `program`."""
    [task] = [b.text for b in PAGE if b.language == "toml" and f"program = {{ {program} =" in b.text]
    roles = "".join(MODEL.format(role, models) for role in ("scorer", "reference"))
    path = Path("job/run.toml")
    path.write_text(MODELS + roles + task)
    return read_config(path)


def written(source: str, name: str, language: str) -> None:
    """Write a command beside the configuration, and have the configuration start it."""
    Path("job", name).write_text(source)
    changed('["node", "run.js"]', json.dumps([language, name]))


def changed(old: str, new: str) -> Config:
    """Return the configuration with other words."""
    path = Path("job/run.toml")
    path.write_text(path.read_text().replace(old, new))
    return read_config(path)


async def start(config: Config) -> tuple[str, Any]:
    return await lifecycle.start(config, Path("job"), Path("run.db"), lambda event: None)


async def replayed(run: str) -> bool:
    count = await lifecycle.reenact(Path("run.db"), run, lambda event: None)
    with open_reader(Path("run.db")) as reader:
        return count == len(list(reader.read(run)))


def requests_to(endpoint: Endpoint) -> list[str]:
    return [json.dumps(body, sort_keys=True) for body, _ in endpoint.requests]


async def test_a_command_stops_goes_on_and_replays() -> None:
    """No call of a command that has a reply is paid again, and a replay starts no command."""
    async with serving() as endpoint:
        config_with("command", endpoint.url)
        written(IN_PYTHON, "run.py", sys.executable)
        port = int(endpoint.url.rpartition(":")[2].partition("/")[0])

        def leave(number: int) -> None:
            if number == 15:
                endpoint.handler = endpoint.respond({"error": {"message": "no such key"}}, status=401)

        answering(endpoint, "13", leave)
        with pytest.raises(RunStopped):
            await start(read_config(Path("job/run.toml")))
        before = requests_to(endpoint)[:14]
    async with serving(port) as endpoint:
        answering(endpoint, "13")
        run, finished = await lifecycle.resume(Path("run.db"), "last", lambda event: None)
        assert not set(before) & set(requests_to(endpoint))
    assert isinstance(finished, RunFinished)
    assert finished.comparisons, finished.verdict
    os.remove("job/run.py")
    assert await replayed(run)


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
async def test_the_command_of_the_page() -> None:
    """The command of the page runs as it is written there."""
    [program] = [block.text for block in PAGE if block.title == "run.js"]
    async with serving() as endpoint:
        answering(endpoint, "13")
        config_with("command", endpoint.url)
        written(program, "run.js", "node")
        run, finished = await start(read_config(Path("job/run.toml")))
    assert finished.comparisons, finished.verdict
    assert await replayed(run)


async def test_an_endpoint_runs_and_replays() -> None:
    """An endpoint gets the candidate's texts and the inputs alone, and a replay does not ask it."""
    [given] = [json.loads(b.text) for b in PAGE if b.language == "json" and '"example"' in b.text]
    [reply] = [json.loads(b.text) for b in PAGE if b.language == "json" and '"output"' in b.text]
    async with serving() as models, serving() as program:
        answering(models, "13")

        async def handler(request: web.Request) -> web.StreamResponse:
            words = (await request.json())["example"]["question"]
            return web.json_response(reply | {"output": "John Berg" if "Elm" in words else "Nobody"})

        program.handler = handler
        config_with("url", models.url)
        run, finished = await start(changed("http://127.0.0.1:8000/run", program.url))
        sent = [body for body, _ in program.requests]
    assert finished.comparisons, finished.verdict
    assert {tuple(body) for body in sent} == {tuple(given)}
    assert {tuple(sorted(body["example"])) for body in sent} == {tuple(sorted(given["example"]))}
    assert len({json.dumps(body["prompts"]) for body in sent}) > 1
    assert await replayed(run)


def test_the_files_of_a_command_are_fingerprinted() -> None:
    """A change of a file that a command names is a change of the run's code."""
    config_with("command", "http://127.0.0.1:9/v1")
    written(IN_PYTHON, "run.py", sys.executable)
    config = with_functions(read_config(Path("job/run.toml")), Path("job"))
    assert config.programs["passages"].command[1] == os.path.join("job", "run.py")
    before = fingerprints(config)
    Path("job/run.py").write_text(IN_PYTHON + "\n")
    assert before.keys() == fingerprints(config).keys()
    assert before != fingerprints(config)


async def test_an_address_that_is_none() -> None:
    """An address that is not http or https stops the run before anything is sent."""
    config_with("url", "http://127.0.0.1:9/v1")
    config = changed("http://127.0.0.1:8000/run", "ftp://127.0.0.1/run")
    with pytest.raises(ConfigError, match=r"program of task passages.*not an http or https address"):
        await start(config)
