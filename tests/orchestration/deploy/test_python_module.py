"""The winner as a Python module: it builds and sends the measured request, whatever the texts hold."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile_log import ATTACK, dangers
from hypothesis import given
from hypothesis import strategies as st
from openai_serving import completion, serving
from task_making import LETTER, PROPERTY, YES_NO, choosing, example
from winner_making import SERVER, winner_of

from transfer_prompting.orchestration.deploy.bodies import body_of
from transfer_prompting.orchestration.deploy.python_module import python_module
from transfer_prompting.orchestration.deploy.template import columns_of
from transfer_prompting.orchestration.deploy.winner import Winner
from transfer_prompting.prompts.task import Example, MessageTemplate

HOSTILE = (
    '"""',
    "'''",
    "\\",
    '\\"""\\\n',
    "{{ {x} }} %s $x",
    "# -- end of what was measured --",
    "\n# -- end of what was measured --\nimport os",
    "\x00\r\n\x0c\x1b[2J",
    "\u202e\u2028",
    "\U0001f600",
    "# coding: rot13",
    ATTACK,
)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(HOSTILE)


def loaded(winner: Winner) -> dict[str, Any]:
    """Return the names of the module."""
    source = python_module(winner)
    names: dict[str, Any] = {"__name__": "prompt"}
    exec(compile(source, "prompt.py", "exec"), names)  # what the user will do with it
    return names


@PROPERTY
@given(prompt=ANY_TEXT, question=ANY_TEXT, label=ANY_TEXT)
def test_any_text(prompt: str, question: str, label: str) -> None:
    """The module builds the body that was measured, and its source has no control character."""
    question = question.strip() or "?"
    task = YES_NO.model_copy(
        update={
            "answer": YES_NO.answer.model_copy(update={"labels": ("yes", label)}),
            "dev": (example(question=question),),
        }
    )
    winner = winner_of(task, prompt.replace("{{", "{ {").strip())
    source = python_module(winner)
    assert not dangers(source)
    found = loaded(winner)["body"](question=question)
    assert found == body_of(winner.request(task.dev[0]), winner.model)


def test_only_constants_differ() -> None:
    """Texts of a log become literals and nothing else: the functions are those of the program."""
    task = YES_NO.model_copy(update={"dev": (example(),)})
    trees = [ast.parse(python_module(winner_of(task, prompt))) for prompt in ("x", HOSTILE[6])]
    kinds = [[type(node).__name__ for node in tree.body] for tree in trees]
    assert kinds[0] == kinds[1]


def test_values_are_no_templates() -> None:
    """A value that looks like a placeholder stays; chats, images and letters are put in as measured."""
    chat = [{"role": "assistant", "content": "{{ tone }}"}]
    image = [{"type": "image_url", "image_url": {"url": "https://x.example/{{ tone }}.png"}}]
    row = Example(id="r", question="", answer="A", choices=("a", "b"), columns={"chat": chat, "pic": image})
    plain = row.model_copy(update={"columns": {"chat": "Hi", "pic": "none"}})
    templates = ("{{ instruction }}", "{{ chat }}", "{{ choices }}")
    task = LETTER.model_copy(
        update={
            "frame": "own",
            "dev": (plain, row),
            "messages": tuple(MessageTemplate(role="user", content=text) for text in templates),
        }
    )
    names = loaded(winner_of(task, "Look: {{ pic }}"))
    assert names["messages"](**columns_of(row)) == [
        {"role": "user", "content": [{"type": "text", "text": "Look:"}, *image]},
        {"role": "assistant", "content": "{{ tone }}"},
        {"role": "user", "content": "A. a\nB. b"},
    ]
    with pytest.raises(KeyError, match="no column 'pic'"):
        names["messages"](chat="x", choices=[])


def test_rows_without_a_context() -> None:
    """A row without a context gets the words that were measured for such rows."""
    rows = (choosing("A", "a", "b"), choosing("A", "a", "b").model_copy(update={"context": "It rains."}))
    winner = winner_of(LETTER.model_copy(update={"dev": rows}), "Choose.")
    names = loaded(winner)
    for row in rows:
        columns = {"question": row.question, "choices": list(row.choices or ())}
        given_ = {**columns, "context": row.context} if row.context else columns
        assert names["body"](**given_) == body_of(winner.request(row), winner.model)


@pytest.mark.parametrize("approved", [True, False])
def test_server(approved: bool) -> None:
    """Server and variable of a run are named if it was started here, and those of a stranger are not."""
    task = YES_NO.model_copy(update={"dev": (example(),)})
    names = loaded(winner_of(task, "x", model={**SERVER, "api_key_env": "OTHER"}, approved=approved))
    assert (names["BASE_URL"] == "http://127.0.0.1:9/v1") == approved
    assert (names["KEY_VARIABLE"] == "OTHER") == approved


async def test_as_a_program(tmp_path: Path) -> None:
    """Run as a program, it sends the measured body with the key to the server, and prints the replies."""
    import asyncio

    task = YES_NO.model_copy(update={"dev": (example(question="Ünï {{ x }}?"), example(question="B?"))})
    async with serving() as endpoint:
        endpoint.handler = endpoint.respond(completion("Answer: yes\x1b"))
        model = {**SERVER, "base_url": endpoint.url, "params": {"top_p": 0.5}, "temperature": 0.3}
        winner = winner_of(task, "Judge {this}.", model=model, max_tokens=9)
        path = tmp_path / "prompt.py"
        path.write_text(python_module(winner), encoding="utf-8")
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, str(path)],
            input="".join(json.dumps({"question": row.question}) + "\n\n" for row in task.dev),
            env={"OPENAI_API_KEY": "sk-1", "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout == '"Answer: yes\\u001b"\n' * 2
    assert [body for body, _ in endpoint.requests] == [
        body_of(winner.request(row), winner.model) for row in task.dev
    ]
    assert endpoint.requests[0][0]["temperature"] == 0.3
    assert all(headers["Authorization"] == "Bearer sk-1" for _, headers in endpoint.requests)


def test_rows_without_a_reply(tmp_path: Path) -> None:
    """Run as a program, it names the row that has no reply, and why, without a traceback."""
    path = tmp_path / "prompt.py"
    path.write_text(python_module(winner_of(YES_NO.model_copy(update={"dev": (example(),)}), "x")))
    for row, reason in (
        ("{}", "there is no column 'question', which"),
        ("[]", "mapping"),
        ("{", "Expecting"),
    ):
        done = subprocess.run([sys.executable, str(path)], input=f"\n{row}\n", capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("Row 2 has no reply: ")
        assert reason in done.stderr
        assert done.stderr.count("\n") == 1


async def test_redirections(tmp_path: Path) -> None:
    """A redirection is an error, because the key would go to another address."""
    import asyncio

    task = YES_NO.model_copy(update={"dev": (example(),)})
    async with serving() as other, serving() as endpoint:
        endpoint.handler = endpoint.respond("", 302, {"Location": f"{other.url}/x"})
        ask = loaded(winner_of(task, "Judge."))["ask"]
        with pytest.raises(OSError, match="302"):
            await asyncio.to_thread(ask, {"question": "Is it?"}, endpoint.url, "sk-1")
    assert other.requests == []
