"""`tp init --from promptfooconfig.yaml` takes over prompts, tests and asserts, and says what is left out."""

import json
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.starting.promptfoo import from_promptfoo
from transfer_prompting.orchestration.starting.started import Started

TESTS = """
tests:
  - vars: {text: Good day, "the user": {name: "{{ x }}"}}
    assert: [{type: equals, value: Guten Tag}]
  - vars: {text: Thanks}
    assert: [{type: equals, value: Danke}]
  - vars: {text: 5}
    assert: [{type: equals, value: fünf}]
"""
PROMPTS = "prompts: ['Translate: {{text}}']\n"


def started(folder: Path, text: str, **files: str) -> Started:
    (folder / "promptfooconfig.yaml").write_text(text, encoding="utf-8")
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    return from_promptfoo(folder / "promptfooconfig.yaml", folder / "run.toml")


def task_of(found: Started) -> dict[str, Any]:
    [task] = tomllib.loads(found.text)["tasks"].values()
    assert isinstance(task, dict)
    return task


def rows_of(found: Started) -> list[dict[str, Any]]:
    name, text = found.files[0]
    assert name == "run.rows.jsonl"
    return [json.loads(line) for line in text.splitlines()]


def asserting(*asserts: str) -> str:
    """Return a configuration of three tests with these asserts each."""
    tests = "".join(f"  - vars: {{text: row {n}}}\n    assert: [{', '.join(asserts)}]\n" for n in range(3))
    return f"{PROMPTS}tests:\n{tests}"


def test_prompts_and_rows(tmp_path: Path) -> None:
    """Prompts become initial prompts, and tests rows with the variables that the prompts use."""
    found = started(tmp_path, "description: Say it in German\n" + PROMPTS + TESTS)
    task = task_of(found)
    assert task["initial_prompts"] == ["Translate: {{text}}"]
    assert task["description"] == "Say it in German"
    assert task["metric"] == {"use": "exact", "gold": "expected"}
    assert rows_of(found)[1] == {"text": "Thanks", "expected": "Danke"}


def test_prompts_in_files(tmp_path: Path) -> None:
    """A text file holds one prompt or several between lines of ---, and a JSON file the turns of a chat."""
    found = started(
        tmp_path, "prompts: [file://p.txt]\n" + TESTS, p__txt="Say {{text}}\n---\nTranslate {{ text }}\n"
    )
    assert task_of(found)["initial_prompts"] == ["Say {{text}}", "Translate {{ text }}"]
    chat = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "{{text}}"}]
    found = started(tmp_path, "prompts: [p.json]\n" + TESTS, p__json=json.dumps(chat))
    assert task_of(found)["initial_prompts"] == ["Be kind."]
    assert task_of(found)["messages"] == [{"role": "system", "content": "{{ instruction }}"}, chat[1]]


def test_a_chat_without_a_system_message(tmp_path: Path) -> None:
    """Without a system message, the first turn is optimised, and keeps its variables."""
    prompt = "prompts:\n  - |\n    - role: user\n      content: 'Say {{text}}'\n"
    task = task_of(started(tmp_path, prompt + TESTS))
    assert task["initial_prompts"] == ["Say {{text}}"]
    assert task["messages"] == [{"role": "user", "content": "{{ instruction }}"}]


def test_a_variable_called_instruction(tmp_path: Path) -> None:
    """A variable with the name of the optimised text gives the text another name."""
    chat = (
        '[{"role": "system", "content": "Be kind."}, {"role": "user", "content": "{{instruction}} {{text}}"}]'
    )
    task = task_of(
        started(tmp_path, f"prompts: ['{chat}']\n" + TESTS.replace("text:", "instruction: do, text:"))
    )
    assert task["texts"] == {"prompt": ["Be kind."]}


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("'{{ text | upper }}'", "no filters"),
        ("'{% if text %}x{% endif %}{{text}}'", "no filters and no statements"),
        ("file://p.py", "is a program"),
        ("file://../x.txt", "lies outside"),
        ("file:///etc/passwd.txt", "cannot be read|lies outside"),
        ("file://none.txt", "cannot be read"),
        ("'{{ env.KEY }} {{text}}'", "variable of the environment"),
        ("'{{text}} {{more}}'", "other placeholders"),
        ('\'[{"role": "tool", "content": "{{text}}"}]\'', "role 'tool'"),
        ("5", "it is no text"),
        ("'file://*.txt'", "several files"),
    ],
)
def test_prompts_that_cannot_be_taken_over(tmp_path: Path, prompt: str, reason: str) -> None:
    """Filters, programs, and files elsewhere are left out, and the reason is said and written down."""
    found = started(tmp_path, f"prompts: ['Translate: {{{{text}}}}', {prompt}]\n" + TESTS, p__py="import os")
    assert any(remark.startswith("prompt 2: ") for remark in found.remarks)
    assert re.search(reason, found.text)
    with pytest.raises(ConfigError, match="No prompt of the file can be taken over"):
        started(tmp_path, f"prompts: [{prompt.replace('{{more}}', '{{more | x}}')}]\n" + TESTS)


@pytest.mark.parametrize(
    ("one", "metric", "expected"),
    [
        ("{type: equals, value: a}", {"use": "exact"}, "a"),
        ("{type: contains, value: a}", {"use": "contains", "case": True}, ["a"]),
        ("{type: icontains, value: 5}", {"use": "contains"}, ["5"]),
        ("{type: contains-all, value: [a, b]}", {"use": "contains", "case": True, "need": "all"}, ["a", "b"]),
        ("{type: icontains-any, value: [a, b]}", {"use": "contains"}, ["a", "b"]),
    ],
)
def test_one_assert_for_all_rows(tmp_path: Path, one: str, metric: dict[str, Any], expected: Any) -> None:
    """An assert that all rows share is a built-in metric, which compares with a column of the rows."""
    found = started(tmp_path, asserting(one))
    assert task_of(found)["metric"] == metric | {"gold": "expected"}
    wanted = rows_of(found)[0]["expected"]
    assert (wanted if isinstance(wanted, list) else [wanted]) == (
        expected if isinstance(expected, list) else [expected]
    )
    assert len(found.files) == 1


def test_different_asserts(tmp_path: Path) -> None:
    """Rows with different or several asserts are checked by a file of Python beside the configuration."""
    found = started(tmp_path, asserting("{type: is-json}", "{type: not-contains, value: 'row {{text}}'}"))
    assert task_of(found)["metric"] == {"use": "promptfoo_asserts.py:asserts", "columns": ["asserts"]}
    assert rows_of(found)[2]["asserts"] == [
        {"type": "is-json", "value": None},
        {"type": "not-contains", "value": "row row 2"},
    ]
    assert [name for name, _ in found.files] == ["run.rows.jsonl", "promptfoo_asserts.py"]


@pytest.mark.parametrize(
    ("kind", "value", "good", "bad"),
    [
        ("equals", "a b", " a b\n", "a  b"),
        ("equals", 5, "5", "6"),
        ("contains", "a", "cat", "CAT"),
        ("icontains", "A", "cat", "dog"),
        ("contains-any", ["a", "x"], "cat", "dog"),
        ("contains-all", ["a", "c"], "cat", "car x"[4:]),
        ("icontains-all", ["A", "C"], "cat", "car"[1:]),
        ("starts-with", "a", "abc", "cab"),
        ("regex", "^[0-9]+$", "12", "a12"),
        ("is-json", None, ' {"a": [1]} ', '{"a": 1} x'),
        ("contains-json", None, 'So: {"a": 1}.', "{a}"),
        ("not-contains", "a", "dog", "cat"),
        ("not-is-json", None, "x", "[]"),
    ],
)
def test_the_written_metric(tmp_path: Path, kind: str, value: object, good: str, bad: str) -> None:
    """The written file checks each assert as promptfoo describes it, and says which does not hold."""
    found = started(tmp_path, asserting("{type: is-json}", "{type: regex, value: x}"))
    scope: dict[str, Any] = {}
    exec(found.files[1][1], scope)
    example = SimpleNamespace(columns={"asserts": [{"type": kind, "value": value}]})
    assert scope["asserts"](example, SimpleNamespace(text=good)).value == 1
    score = scope["asserts"](example, SimpleNamespace(text=bad))
    assert score.value == 0
    assert kind in score.feedback


def test_graded_and_judged_asserts(tmp_path: Path) -> None:
    """Asserts that grade are further metrics; a rubric alone makes a judge, and beside others a remark."""
    both = asserting(
        "{type: contains, value: a}", "{type: rouge-n, value: a b}", "{type: llm-rubric, value: 'kind?'}"
    )
    found = started(tmp_path, both)
    assert task_of(found)["metrics"] == [{"use": "rouge_1", "gold": "reference rouge-n"}]
    assert any('use = "judge"' in remark for remark in found.remarks)
    found = started(tmp_path, asserting("{type: llm-rubric, value: 'Is it kind?'}"))
    assert task_of(found)["metric"]["dimensions"][0]["question"] == "Is it kind?"
    assert "[models.judge]" in found.text


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    """Programs, thresholds, further keys and tests without asserts are said, and providers are comments."""
    text = asserting(
        "{type: contains, value: a, threshold: 1}", "{type: javascript, value: 'x'}", "{type: latency}"
    )
    text += "  - vars: {text: last}\nproviders: [openai:gpt-4o-mini]\nsharing: true\n"
    found = started(tmp_path, text)
    said = "\n".join(found.remarks)
    for part in (
        "3 asserts of type 'javascript'",
        "'latency'",
        "1 tests left out",
        "Thresholds",
        "sharing left out",
    ):
        assert part in said
    assert "# provider: openai:gpt-4o-mini." in found.text


def test_defaults_and_lists_of_variables(tmp_path: Path) -> None:
    """Defaults hold for every test, and a list of values stands for a row each."""
    text = (
        "prompts: ['{{text}} {{tone}}']\n"
        "defaultTest: {vars: {tone: kind}, assert: [{type: contains, value: '{{text}}'}]}\n"
        "tests: [{vars: {text: [a, b]}}, {vars: {text: c, tone: rude}}]\n"
    )
    rows = rows_of(started(tmp_path, text))
    assert rows[:2] == [{"tone": "kind", "text": name, "expected": name} for name in "ab"]
    assert rows[2] == {"tone": "rude", "text": "c", "expected": "c"}


def test_tests_in_a_table(tmp_path: Path) -> None:
    """A CSV file of tests has columns of variables, and asserts as __expected."""
    table = 'text,__expected\nGood day,Guten Tag\nThanks,Danke\n"A, b",a\n'
    found = started(tmp_path, PROMPTS + "tests: file://t.csv\n", t__csv=table)
    assert rows_of(found)[2] == {"text": "A, b", "expected": "a"}
    table = 'text,__expected1,__expected2\na,contains: x,is-json:\nb,"icontains-any: x, y",\n'
    found = started(tmp_path, PROMPTS + "tests: t.csv\n", t__csv=table)
    assert rows_of(found)[1]["asserts"] == [{"type": "icontains-any", "value": ["x", "y"]}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prompts: [", r"promptfooconfig\.yaml:\d+: not YAML"),
        ("- a", "no configuration of promptfoo"),
        ("a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" + "".join(
            f"{chr(99 + n)}: &{chr(99 + n)} [{','.join([f'*{chr(98 + n)}'] * 9)}]\n" for n in range(9)),
         "too many, or nested too deeply"),
        ("a: &a [*a]", "nested too deeply|not YAML"),
        ("[" * 5000, "not YAML|not usable"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
        (PROMPTS, "0 of its 0 tests can be scored"),
        (PROMPTS + "tests: [5, {vars: 7}]", "it is no test with vars.*its vars are no table"),
        (PROMPTS + "tests: file://../../etc/x.csv", "lies outside"),
        (PROMPTS + "tests: [{vars: {text: [1, 2, 3], a: [" + "1," * 9999 + "]}}]", "too many rows"),
        ("prompts: ['{{other}}']\n" + TESTS, "nothing in the column 'other'"),
        ("prompts: 'No variables'\n" + TESTS, "question|answer|column"),
        ("\x00", "not YAML|cannot be read"),
    ],
)  # fmt: skip
def test_hostile_files(tmp_path: Path, text: str, message: str) -> None:
    """Malformed, endless and hostile files are one error that says what is wrong."""
    with pytest.raises(ConfigError, match=f"(?s){message}"):
        started(tmp_path, text)
