"""The configuration of promptfoo: it sends the measured messages, and text of a log is only text in it."""

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from task_making import LETTER, PROPERTY, YES_NO, choosing, example
from winner_making import SERVER, winner_of

from transfer_prompting.orchestration.deploy.promptfoo import left_out, promptfoo_config
from transfer_prompting.orchestration.deploy.winner import Winner
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerFormat, Example, MessageTemplate, Task

HOSTILE = (
    "{{ env.SECRET }}",
    "{% raw %}{# x #}",
    "file:///etc/passwd",
    "package:evil",
    "{{ question }}",
    "a: b\n- c\t'\"\\ #",
    "\x00\x1b]52;c;ZXZpbA==\x07\x85\u2028\ufeff\U000e0041\U0001f600",
    "ends in {",
    "ends in a line\n",
    "  ",
    "|-\n  x: !!python/object:os.system",
    "\ue000\ue001",
    "yes",
    "}} {{'",
)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(HOSTILE)
OWN = Task(
    name="own",
    description="Help.",
    answer=AnswerFormat(type="raw"),
    initial_prompts=("Help.",),
    frame="own",
    metrics=(MetricSettings.model_validate("exact"),),
    messages=(
        MessageTemplate(role="system", content="{{ instruction }}"),
        MessageTemplate(role="user", content="<{{ in }}> {{ a.b }} {{ Review Text }}!"),
    ),
)


def read(winner: Winner) -> dict[str, Any]:
    """Return the configuration as promptfoo reads it."""
    loaded: dict[str, Any] = yaml.safe_load(promptfoo_config(winner))
    return loaded


def rendered(config: dict[str, Any], number: int = 0) -> list[dict[str, str]]:
    """Return the messages of one test, each text rendered once, as promptfoo does for a prompt in JSON."""
    [prompt] = config["prompts"]
    engine = Environment(keep_trailing_newline=True)
    # promptfoo removes a line break at the end of a variable, and fills in other variables before.
    values = {name: re.sub(r"\n\Z", "", value) for name, value in config["tests"][number]["vars"].items()}
    assert not any(re.search(r"\{\{|^\s*\w+://|^package:", value) for value in values.values())
    return [
        {"role": turn["role"], "content": engine.from_string(turn["content"]).render(values)}
        for turn in json.loads(prompt)
    ]


def measured(winner: Winner, row: Example) -> list[dict[str, object]]:
    """Return the messages that the scorer sends."""
    return [{"role": m.role, "content": m.content} for m in winner.request(row).messages]


@PROPERTY
@given(prompt=ANY_TEXT, one=ANY_TEXT, two=ANY_TEXT, three=ANY_TEXT)
def test_own_templates(prompt: str, one: str, two: str, three: str) -> None:
    """Any prompt and any row give the measured messages, and no value is a template or a file."""
    if "{{" in prompt or not prompt.strip():
        return
    row = Example(
        id="{{ x }}\n", question="", answer="x", columns={"in": one, "a": {"b": two}, "Review Text": three}
    )
    winner = winner_of(OWN.model_copy(update={"dev": (row,)}), prompt)
    assert rendered(read(winner)) == measured(winner, row)


@pytest.mark.parametrize("attack", HOSTILE)
def test_preset_frames(attack: str) -> None:
    """Rows with and without a context, and lettered choices, give the measured messages."""
    attack = attack.strip() or "x"
    rows = (
        choosing("A", attack, "{# b"),
        choosing("B", "a", "b").model_copy(update={"context": attack}),
        choosing("B", "a", "b").model_copy(update={"question": attack}),
    )
    winner = winner_of(LETTER.model_copy(update={"dev": rows}), f"Judge. {attack.replace('{{', '{ {')}")
    config = read(winner)
    for number, row in enumerate(rows):
        assert rendered(config, number) == measured(winner, row)


def test_plain_rows_stay_readable() -> None:
    """Ordinary rows are written as they are, with plain placeholders."""
    row = example(context="It is.", columns={})
    config = read(winner_of(YES_NO.model_copy(update={"dev": (row,)}), "Judge."))
    [prompt] = config["prompts"]
    assert "{{ question }}" in prompt
    assert config["tests"][0]["vars"] == {"context": "It is.", "question": "Is it?", "expected": '["yes"]'}
    assert config["providers"] == [
        {
            "id": "openai:chat:m",
            "config": {
                "max_tokens": 1024,
                "temperature": 0.0,
                "apiBaseUrl": "http://127.0.0.1:9/v1",
                "apiKeyEnvar": "OPENAI_API_KEY",
            },
        }
    ]
    assert config["tests"][0]["assert"][0]["type"] == "javascript"


def test_a_foreign_server_is_not_named() -> None:
    """Else promptfoo sends the user's key to a stranger's server, or reads a variable of their choice."""
    task = YES_NO.model_copy(update={"dev": (example(),)})
    model = {**SERVER, "api_key_env": "OTHER", "params": {"x": "{{ env.SECRET }}", "y": ["file://z"], "z": 1}}
    winner = winner_of(task, "Judge.", model=model, approved=False)
    text = promptfoo_config(winner)
    assert not re.search(r"127\.0\.0\.1|OTHER|SECRET|file:", text)
    assert read(winner)["providers"][0]["config"]["passthrough"] == {"z": 1}
    assert any("x, y are left out" in remark for remark in left_out(winner))


def test_no_counterpart() -> None:
    """A metric without a counterpart gives tests without an assertion, and a remark that says so."""
    metric = MetricSettings.model_validate("rouge_l")
    task = OWN.model_copy(update={"metrics": (metric,), "messages": (), "dev": (example(),)})
    winner = winner_of(task, "Sum it up.")
    assert "assert" not in read(winner)["tests"][0]
    assert left_out(winner) == ["The tests have no assertion: promptfoo has no counterpart of rouge_l."]


def test_rows_whose_turns_differ() -> None:
    """A row that no variables can express is left out of the tests, with a remark; the others stay."""
    messages = (*OWN.messages[:1], MessageTemplate(role="user", content="Q: {{ q }}\n\nHint: {{ hint }}"))
    rows = [
        Example(id=f"r{n}", question="", answer="x", columns={"q": "Why?", "hint": hint})
        for n, hint in enumerate(["a", " ", " b\n"])
    ]
    winner = winner_of(OWN.model_copy(update={"messages": messages, "dev": tuple(rows)}), "Help.")
    config = read(winner)
    assert [test["description"] for test in config["tests"]] == ["row r0", "row r2"]
    assert rendered(config, 1) == measured(winner, rows[2])
    assert any("No test is made of 1 row, such as 'r1'" in remark for remark in left_out(winner))


def test_chats_and_images() -> None:
    """What a variable cannot hold is refused, and the error names the row, the column and another form."""
    row = Example(
        id="r7",
        question="",
        answer="x",
        columns={
            "in": [{"type": "image_url", "image_url": "https://x.example/a.png"}],
            "a": {"b": ""},
            "Review Text": "",
        },
    )
    with pytest.raises(ConfigError, match=r"'in' of row 'r7' holds images .*--as python"):
        promptfoo_config(winner_of(OWN.model_copy(update={"dev": (row,)}), "Help."))
