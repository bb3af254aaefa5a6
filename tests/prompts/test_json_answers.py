"""Answers that are JSON: found in replies, checked against a schema, and bounded."""

import ast
import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from output_reading import ASKED, SCHEMA, answer, demanding, reading
from task_making import PROPERTY

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.reading.answers import check_form
from transfer_prompting.prompts.reading.json_scan import Scanner
from transfer_prompting.prompts.reading.json_text import same_json
from transfer_prompting.prompts.reading.kinds import read_answer

ANY, FITTING = demanding("json"), demanding("json", json_schema=SCHEMA)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"b": 1, "a": [true, null]}', '{"b":1,"a":[true,null]}'),
        ('```json\n{"a": 1}\n```', '{"a":1}'),
        ('Here it is:\n```json\n{"a": 1}\n```\nHope it helps!', '{"a":1}'),
        ('I think {x} fits. {"a": 1}', '{"a":1}'),
        ('As [1] says, {"a": 1}, see [2].', '{"a":1}'),
        ('{"a": 1}\nNo, better:\n{"a": 2}', '{"a":2}'),
        ('[{"a": 1}, {"a": 2}]', '[{"a":1},{"a":2}]'),
        ('<think>{"a": 2}</think>{"a": 1}', '{"a":1}'),
        ('<|channel|>analysis<|message|>{"a": 7}<|end|><|channel|>final<|message|>{"a": 1}', '{"a":1}'),
        ('{"a": 1}<|im_end|>', '{"a":1}'),
        ("5", "5"),
        ('"x"', '"x"'),
        ("[1, 2]", "[1,2]"),
        # Small faults that change nothing.
        ('{"a": 1,}', '{"a":1}'),
        ("{'a': 'it\\'s \"so\"'}", '{"a":"it\'s \\"so\\""}'),
        ("{'a': True, 'b': None}", '{"a":true,"b":null}'),
        ('{"a": 1, // one\n "b": 2 # two\n /* end */}', '{"a":1,"b":2}'),
        ('{"a": "two\nlines"}', '{"a":"two\\nlines"}'),
        ('Use {"name": <value>}: {"a": 3}', '{"a":3}'),
        ('{"url": "http://x.y/#z"}', '{"url":"http://x.y/#z"}'),
        ('{"a": 1, "a": 1.0}', '{"a":1.0}'),
    ],
)  # fmt: skip
def test_found(text: str, found: str) -> None:
    """The value that a reply gives is found in prose and fences, with small faults, and made compact."""
    assert answer(text, ANY) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It is so.",
        '{"a": 1',
        '{"a": 1}\nFinal:\n{"a": 2, "b": {"c": 3}',
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": 1, ...}',
        "{a: 1}",
        "{'a': 'don't'}",
        '{"a": 1 "b": 2}',
        '{"a": "\\ud800"}',
        '<think>{"a": 1}',
        '{"a": ' + "9" * 500 + "}",
        "[" * 100 + "]" * 100,
        '{"a":' * 100 + "1" + "}" * 100,
        "[" + "1," * 30_000 + "1]",
        '{"a": oops, "b": {"c": 1}}',
    ],
)
def test_not_found(text: str) -> None:
    """What has no end, two meanings, or no bound is no answer, and neither is a part of it."""
    assert answer(text, ANY) is None


@pytest.mark.parametrize(
    ("text", "found", "followed"),
    [
        ('{"name": "x", "count": 1}', True, True),
        ('```json\n{"name": "x", "count": 1}\n```', True, False),
        ('Here: {"name": "x", "count": 1}', True, False),
        ('{"name": "x", "count": 1}\n{"note": "done"}', True, False),
        ('{"name": "x", "count": "1"}', False, False),
        ('{"name": "x"}', False, False),
        ('{"name": "x", "count": 1, "more": 2}', False, False),
        ("none", False, False),
    ],
)
def test_schema(text: str, found: bool, followed: bool) -> None:
    """With a schema, the last value that fits is the answer; the form is kept if it is the whole reply."""
    read = reading(text, FITTING)
    assert read.answer == ('{"name":"x","count":1}' if found else None)
    assert read.followed is followed
    assert reading(text, ANY).followed is None


def test_confidence_apart() -> None:
    """A confidence beside the JSON is the stated one; a field of the JSON is part of the answer."""
    assert reading('{"a": 1}\nConfidence: 90', ANY).confidence == 0.9
    assert reading('{"a": 1, "confidence": 90}', ANY).confidence is None
    stated = demanding("json", "answer+confidence")
    assert reading('Answer: {"a": 1}\nConfidence: 90', stated).followed


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("{", r"json_schema is not JSON"),
        ("[]", r"no JSON object"),
        ('{"type": "objec"}', r"no JSON Schema: .* at \$\.type"),
        ('{"$schema": 5}', r"\$schema"),
        ('{"$ref": "#"}', r"refers to itself without end"),
        ('{"$ref": "#/$defs/a"}', r"refers to '#/\$defs/a', which it does not hold"),
        ('{"items": {"$ref": "http://127.0.0.1:9/x"}}', r"nothing is fetched from elsewhere"),
        ('{"$dynamicRef": "http://127.0.0.1:9/x"}', r"nothing is fetched from elsewhere"),
        ('{"properties": {"a": {"pattern": "("}}}', r"regex"),
        ('{"allOf": [' * 2000 + "{}" + "]}" * 2000, r"json_schema is (?:not JSON|too deep)"),
    ],
)
def test_unusable_schema(schema: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema that cannot be used is refused when the task is loaded, without opening a connection."""
    monkeypatch.setattr(socket, "socket", _no_socket)
    with pytest.raises(TaskError, match=rf"^toy: answer: (?s:.)*{message}"):
        check_form(demanding("json", json_schema=schema).answer, "toy")


def _no_socket(*_: object) -> None:
    raise AssertionError("a connection was opened")


@pytest.mark.parametrize(
    "schema",
    ['{"items": {"$ref": "http://127.0.0.1:9/x"}}', '{"properties": {"a": {"$ref": "#/properties/a"}}}'],
)
def test_forged_schema(schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema that was never checked fetches nothing and does not recurse without end: nothing fits it."""
    monkeypatch.setattr(socket, "socket", _no_socket)
    task = demanding("json", json_schema=schema)
    assert answer("[1]" if "items" in schema else '{"a": 1}', task) is None


def test_pattern_in_a_schema() -> None:
    """A pattern in a schema that would search for ages is given up."""
    task = demanding("json", json_schema='{"type": "string", "pattern": "^(?:a|aa)+$"}')
    check_form(task.answer, "toy")
    assert answer('"aa"', task) == '"aa"'
    assert answer(f'"{"a" * 200}c"', task) is None


@PROPERTY
@given(
    VALUES, st.sampled_from(["{}", "```json\n{}\n```", "So:\n{}\n", "<think>[1]</think>{}"]), st.booleans()
)
def test_values_read_back(value: Any, around: str, pretty: bool) -> None:
    """Every object is read back from its text in every surrounding; the canonical form is fixed."""
    value = {"answer": value}
    text = around.replace("{}", json.dumps(value, indent=2 if pretty else None))
    found = answer(text, ANY)
    assert found is not None
    assert same_json(found, json.dumps(value))
    assert read_answer(found, ANY, ASKED) == found


@PROPERTY
@given(VALUES)
def test_python_literals_read_back(value: Any) -> None:
    """A Python literal of JSON values is read as the value, or not at all if its escapes are Python's own."""
    found = answer(repr({"a": value}), ANY)
    assert found is None or same_json(found, json.dumps({"a": value}))


@pytest.mark.parametrize(
    "literal",
    [
        r"{'a': {']': None, '\x1f}': []}}",
        r"{'\x1f': []}",
        r"['\x1f', [1, 'a']]",
        r"{'a': ['\x1f', {'b': 'it\'s ]'}, []], 'c': {'d}': ['[', ']}']}}",
        r"""{"a": "\x1f it's", 'b': [[], {}]}""",
    ],
)
def test_brackets_in_strings_end_no_value(literal: str) -> None:
    """Where a literal has escapes of Python's own, no part of it is the answer; what follows it may be."""
    assert isinstance(ast.literal_eval(literal), dict | list)
    assert answer(literal, ANY) is None
    assert answer(f"It is {literal}.", ANY) is None
    assert answer(f'It was {literal}. Now it is {{"right": []}}.', ANY) == '{"right":[]}'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a":1,"b":2}', '{"b":2.0,"a":1}', True),
        ('{"a":1}', '{"a":true}', False),
        ('{"a":1}', '{"a":"1"}', False),
        ("[1,2]", "[2,1]", False),
        ("null", "null", True),
    ],
)
def test_same_values(one: str, other: str, same: bool) -> None:
    """JSON values are equal by value, whatever the order of their keys; true is not 1."""
    assert same_json(one, other) is same


UNITS = [
    "[", "{", '{"a":', "[1,", "[[1,", '["a",', '["', "['", "[/*", "[//", "[#", '{"a":1}', '{"a":oops ',
    "[1,2] ", "[1,2 ", '{"a":1,"b"}', '[{"a":1}', '\\"[', '["\\', '[ " \\" ',
    "'\"", '{"a":[1,"x', "[1,[2,[\"x\",",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_work_is_bounded(unit: str) -> None:
    """A text of 200,000 characters costs a bounded number of steps a character, whatever it holds."""
    scanner = Scanner(unit * (200_000 // len(unit)))
    scanner.all()
    assert scanner.work <= 21 * (len(scanner.text) + 20)
