"""Commands as programs, with real child processes."""

import asyncio
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from program_asking import Asked, reply

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.programs.base import AskFailed, Program
from transfer_prompting.agents.programs.failure import ProgramFailed
from transfer_prompting.agents.programs.outside import program_for
from transfer_prompting.prompts.program import ProgramSettings

ROW = {"question": "Who built the tower? \u2028 \N{SNOWMAN}"}
TEXTS = {"find": "Find it.", "answer": "Answer."}
HEAD = """
import json, os, sys, time
def read():
    return json.loads(sys.stdin.readline())
def write(**line):
    print(json.dumps(line), flush=True)
given = read()
"""


def python(body: str) -> Program:
    """Return a program whose child runs this Python code, after it has read the first line."""
    return program_for(ProgramSettings(command=(sys.executable, "-c", HEAD + body)))


async def outcome(body: str, answer: Any = "") -> tuple[Any, Asked]:
    asked = Asked(answer if callable(answer) else lambda request: answer)
    return await python(body).run(ROW, TEXTS, asked), asked


async def failure(body: str, answer: Any = "") -> str:
    with pytest.raises(ProgramFailed) as caught:
        await outcome(body, answer)
    return str(caught.value)


async def test_row_and_texts_go_in_and_the_output_comes_out() -> None:
    """The first line holds the row and the texts, and the output may be any JSON value."""
    output, _ = await outcome("write(output=given)")
    assert output == {"example": ROW, "prompts": TEXTS}


async def test_questions_go_through_ask() -> None:
    """A question reaches the model with all that it sets, and its reply comes back under its id."""
    body = """
schema = {"type": "object"}
tool = {"name": "look", "parameters": {"type": "object"}}
write(id="a", ask={"role": "scorer", "messages": [{"role": "system", "content": given["prompts"]["find"]},
      {"role": "user", "content": "x"}], "max_tokens": 9, "temperature": 0.5, "text": "find", "stop": ["."],
      "json_schema": schema, "tools": [tool], "seed": 4})
found = read()
write(note={"what": "search", "content": "two pages"})
write(id=2, ask={"messages": "plain"})
write(output=[found, read()])
"""

    def answer(request: ModelRequest) -> Any:
        return "plain reply" if len(request.messages) == 1 else reply("", ("look", "{}"))

    output, asked = await outcome(body, answer)
    first = asked.requests[0]
    assert (first.max_tokens, first.temperature, first.stop, first.seed) == (9, 0.5, (".",), 4)
    assert (first.json_schema, first.tools[0].parameters) == ('{"type": "object"}', '{"type": "object"}')
    assert asked.texts == ["find", None]
    assert asked.limits == [9, None]
    counted = {"prompt_tokens": 11, "completion_tokens": 3}
    calls = [{"id": "call_0", "name": "look", "arguments": "{}"}]
    assert output == [
        {"id": "a", "reply": {"text": "", "finish": "tool_calls", **counted, "tool_calls": calls}},
        {"id": 2, "reply": {"text": "plain reply", "finish": "stop", **counted}},
    ]
    assert asked.steps == [("scorer", ""), ("search", "two pages"), ("scorer", "plain reply")]


async def test_questions_may_be_asked_together() -> None:
    """Several questions are under way at the same time, and are answered in any order."""
    waiting = asyncio.Event()

    async def answer(request: ModelRequest) -> str:
        if request.messages[0].text == "0":
            await waiting.wait()
        elif request.messages[0].text == "7":
            waiting.set()
        return request.messages[0].text

    body = """
for n in range(8):
    write(id=n, ask={"messages": str(n)})
write(output=sorted(read()["id"] for n in range(8)))
"""
    assert (await outcome(body, answer))[0] == list(range(8))


async def test_a_failed_question_is_answered_with_its_cause() -> None:
    """A call that fails for good is an error line, after which the child may go on."""

    def answer(request: ModelRequest) -> str:
        raise AskFailed("content_filter", "The endpoint will not answer.")

    output, _ = await outcome('write(id=1, ask={"messages": "x"})\nwrite(output=read())', answer)
    assert output == {
        "id": 1,
        "error": {"cause": "content_filter", "message": "The endpoint will not answer."},
    }


async def test_a_question_that_is_refused_ends_the_execution() -> None:
    """A question about a text that does not exist ends the execution with the error of `ask`."""

    def answer(request: ModelRequest) -> str:
        raise LookupError("there is no text 'nobody'")

    with pytest.raises(LookupError, match="nobody"):
        await outcome('write(id=1, ask={"messages": "x"})\nread()', answer)


async def test_an_output_without_waiting_for_replies() -> None:
    """A child may end while a question is open, and need not read its input."""

    async def answer(request: ModelRequest) -> str:
        await asyncio.Event().wait()
        return ""

    assert (await outcome('write(id=1, ask={"messages": "x"})\nwrite(output=3)', answer))[0] == 3
    settings = ProgramSettings(command=(sys.executable, "-c", "print('{\"output\": 4}', end='')"))
    assert await program_for(settings).run({"question": "x" * 10**6}, TEXTS, Asked(answer)) == 4


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("print('Loading', file=sys.stderr); sys.exit(3)", ["no output", "status 3", "ends: Loading"]),
        ("raise KeyError('page')", ["status 1", "KeyError: 'page'"]),
        ("write(output=1); sys.exit(2)", ["after its output", "status 2"]),
        ("os.kill(os.getpid(), 9)", ["status -9", "nothing to stderr"]),
        ("print('hello', flush=True); time.sleep(60)", ["no JSON: 'hello'", "stderr"]),
        ("print('[1]', flush=True); time.sleep(60)", ["exactly one of ask, note and output"]),
        ("write(output=1, note={}); time.sleep(60)", ["exactly one of ask, note and output"]),
        ("write(ask={'messages': 'x'}); time.sleep(60)", ["invalid line: id"]),
        ("write(id=1, ask={'messages': 'x', 'temprature': 1}); read()", ["invalid line: ask.temprature"]),
        ("write(id=1, ask={'messages': [{'role': 'me', 'content': ''}]}); read()", ["ask.messages"]),
        ("write(note={'what': 'x'}); time.sleep(60)", ["invalid line: note.content"]),
        ("print('{\"output\": NaN}', flush=True); time.sleep(60)", ["no JSON"]),
        ("print('{\"output\": ' + '[' * 99999, flush=True); time.sleep(60)", ["no JSON"]),
        ('print(\'{"output": "\\\\ud800"}\', flush=True); time.sleep(60)', ["no JSON"]),
        ("sys.stdout.write('x' * 11 * 2**20); time.sleep(60)", ["more than 10 MiB"]),
        ("for n in range(999): write(id=n, ask={'messages': 'x'})\ntime.sleep(60)", ["more than 256"]),
        ("for n in range(999): print('e' * 999, file=sys.stderr)\nsys.exit(1)", ["status 1", "eee"]),
    ],
)
async def test_a_child_that_breaks_the_protocol(body: str, words: list[str]) -> None:
    """Whatever a child does wrong is an error that names the command and the fault at once."""
    started = time.monotonic()

    async def answer(request: ModelRequest) -> str:
        await asyncio.Event().wait()
        return ""

    said = await failure(body, answer)
    assert said.startswith(f"The command {sys.executable} -c ")
    for word in words:
        assert word in said
    assert len(said) < 1400
    assert time.monotonic() - started < 5


async def test_a_child_that_writes_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """All lines of one execution together have a limit."""
    monkeypatch.setattr("transfer_prompting.agents.programs.child_process._MOST_BYTES", 10_000)
    assert "it wrote more than" in await failure(
        "while True: write(note={'what': 'x', 'content': 'y' * 999})"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("os.close(1); time.sleep(60)", "no output"),
        ("write(output=5); time.sleep(60)", 5),
    ],
)
async def test_a_child_that_does_not_end(
    body: str, expected: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A child that closes its stdout, or goes on after its output, is killed after some seconds."""
    monkeypatch.setattr("transfer_prompting.agents.programs.child_process._GRACE", 0.3)
    body = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n{body}"
    if expected == 5:
        assert (await outcome(body))[0] == 5
    else:
        assert expected in await failure(body)
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_a_cancelled_execution_kills_the_whole_group(tmp_path: Path) -> None:
    """Cancelling an execution kills the child and the processes that it has started, and reaps it."""
    body = f"""
import subprocess
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(tmp_path / "pids")!r}, "w").write(json.dumps([os.getpid(), inner.pid]))
write(id=1, ask={{"messages": "x"}})
time.sleep(60)
"""
    reached = asyncio.Event()

    async def answer(request: ModelRequest) -> str:
        reached.set()
        await asyncio.Event().wait()
        return ""

    running = asyncio.ensure_future(python(body).run(ROW, TEXTS, Asked(answer)))
    await reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    child, inner = json.loads((tmp_path / "pids").read_text())
    assert not alive(child)
    for _ in range(100):
        if not alive(inner):
            break
        await asyncio.sleep(0.02)
    assert not alive(inner)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def alive(pid: int) -> bool:
    """Return whether a process runs; one that has ended and is not reaped yet does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


async def test_a_command_that_is_missing() -> None:
    """A command that cannot be started is an error that names it."""
    program = program_for(ProgramSettings(command=("no-such-program", "x y")))
    with pytest.raises(ProgramFailed, match=r"no-such-program 'x y' cannot be started"):
        await program.run(ROW, TEXTS, Asked(lambda request: ""))


async def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child has the environment of this process."""
    monkeypatch.setenv("OWN_VALUE", "7")
    assert (await outcome("write(output=os.environ['OWN_VALUE'])"))[0] == "7"


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
async def test_node(tmp_path: Path) -> None:
    """A program in JavaScript asks and answers over the same lines."""
    (tmp_path / "run.js").write_text(
        """
const lines = require("readline").createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const write = (line) => console.log(JSON.stringify(line));
(async () => {
  const { example, prompts } = await read();
  write({ id: 1, ask: { text: "answer", messages: prompts.answer + " " + example.question } });
  write({ output: (await read()).reply.text });
})();
"""
    )
    program = program_for(ProgramSettings(command=("node", str(tmp_path / "run.js"))))
    asked = Asked(lambda request: request.messages[0].text)
    assert await program.run(ROW, TEXTS, asked) == f"Answer. {ROW['question']}"
