"""The user's own metric functions: what they may return, and how their files are loaded."""

import sys
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.prompts.errors import MetricError
from transfer_prompting.prompts.metrics.grade import Grade
from transfer_prompting.prompts.metrics.own import Score, to_grade
from transfer_prompting.prompts.metrics.own_function import load_function


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (True, Grade(1)),
        (0, Grade(0)),
        (0.25, Grade(0.25)),
        (Fraction(1, 4), Grade(0.25)),
        (np.float32(0.25), Grade(0.25)),
        (np.bool_(True), Grade(1)),
        (np.array(0.25), Grade(0.25)),
        (Score(0.5, "Too long.", {"style": True}), Grade(0.5, "Too long.", {"style": 1})),
        ({"value": 0.5, "feedback": None, "parts": None}, Grade(0.5)),
        ({"value": 1}, Grade(1)),
        (Score(0, "\ud800"), Grade(0, "?")),
    ],
)
def test_results_that_are_grades(result: object, expected: Grade) -> None:
    """A number, a truth value, a Score or a dict becomes a grade."""
    assert to_grade(result) == expected


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "it returned None, perhaps for want of a return"),
        (float("nan"), "it returned nan, which is no value"),
        (float("inf"), "it returned inf, which is no value"),
        (85, r"it returned 85, outside \[0, 1\]"),
        (-0.1, "outside"),
        (10**400, "that is no float"),
        ("0.5", 'it returned "0.5", a str, which is no number'),
        (Decimal("0.5"), "of type Decimal"),
        ((0.5, "x"), "of type tuple"),
        (1j, "of type complex"),
        (np.array([0.1, 0.2]), "of type ndarray"),
        ({"score": 1}, "a dict with unknown keys score"),
        ({"feedback": "x"}, 'no key "value"'),
        (Score(0.5, 3), "its feedback is a value of type int"),  # type: ignore[arg-type]
        (Score(0.5, parts={"style": 2}), 'returned 2 for part "style", outside'),
        (Score(0.5, parts={"style": None}), 'of type NoneType for part "style"'),  # type: ignore[dict-item]
        (Score(0.5, parts=[1]), "its parts are a value of type list"),  # type: ignore[arg-type]
        (Score(0.5, parts=dict.fromkeys(map(str, range(101)), 1.0)), "it returned 101 parts"),
    ],
)
def test_results_that_are_none(result: object, message: str) -> None:
    """Anything else is an error that says what to return, never a made-up score."""
    with pytest.raises(ValueError, match=message):
        to_grade(result)


def test_long_feedback_is_cut() -> None:
    """Feedback without end is cut."""
    assert len(to_grade(Score(0, "x" * 10**6)).feedback) < 5000


@given(
    st.recursive(st.none() | st.text() | st.floats() | st.integers(), lambda i: st.dictionaries(st.text(), i))
)
def test_any_result(result: object) -> None:
    """Any result is a value in [0, 1] or an error."""
    try:
        made = to_grade(result)
    except MetricError:
        return
    assert 0 <= made.value <= 1


def write(folder: Path, text: str, name: str = "metrics.py") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_function_is_loaded(tmp_path: Path) -> None:
    """A function is loaded by the path of its file, with the digest of the file."""
    path = write(tmp_path, "def size(example, output):\n    return 1.0\n")
    loaded = load_function(tmp_path, "metrics.py:size")
    assert loaded.call(None, None) == 1.0
    assert loaded.path == path
    assert loaded.digest == sha256(path.read_bytes()).hexdigest()
    assert not loaded.is_async


def test_async_functions(tmp_path: Path) -> None:
    """Async functions, objects that are called and functions with further defaults can be metrics."""
    write(
        tmp_path,
        "async def one(example, output): ...\n"
        "class Two:\n    async def __call__(self, example, output): ...\ntwo = Two()\n"
        "def three(example, output, trace=None): ...\n"
        "def four(*values): ...\n",
    )
    found = [load_function(tmp_path, f"metrics.py:{n}").is_async for n in ("one", "two", "three", "four")]
    assert found == [True, True, False, False]


def test_siblings_can_be_imported_and_stay_apart(tmp_path: Path) -> None:
    """A file may import its neighbours, and those of two folders may have the same name."""
    for name in ("one", "two"):
        folder = tmp_path / name
        write(folder, f"NAME = {name!r}\n", "helper_of_mine.py")
        write(folder, "WORD = 'w'\n", "pack_of_mine/__init__.py")
        write(
            folder,
            "import helper_of_mine\nfrom pack_of_mine import WORD\n"
            "def tell(example, output):\n    return helper_of_mine.NAME\n",
        )
    before, path = set(sys.modules), list(sys.path)
    one, two = (load_function(tmp_path / name, "metrics.py:tell") for name in ("one", "two"))
    assert [one.call(0, 0), two.call(0, 0)] == ["one", "two"]
    assert sys.path == path
    assert all(name.startswith("transfer_prompting_own_") for name in set(sys.modules) - before)
    assert not list(tmp_path.rglob("__pycache__"))
    assert one.digest != two.digest


def test_changed_neighbour_changes_the_digest(tmp_path: Path) -> None:
    """The digest covers the neighbours that a file imports, because they decide its values too."""
    write(tmp_path, "from helper_of_mine import LIMIT\ndef tell(example, output): return LIMIT\n")
    digests = []
    for limit in (0.1, 0.2):
        write(tmp_path, f"LIMIT = {limit}\n", "helper_of_mine.py")
        loaded = load_function(tmp_path, "metrics.py:tell")
        digests.append(loaded.digest)
        assert loaded.call(0, 0) == limit
    assert digests[0] != digests[1]


def test_changed_file_is_run_again(tmp_path: Path) -> None:
    """A file that has changed is not taken from memory."""
    for number in (0.1, 0.2):
        write(tmp_path, f"def tell(example, output): return {number}\n")
        assert load_function(tmp_path, "metrics.py:tell").call(0, 0) == number


def test_dataclasses_in_the_file_work(tmp_path: Path) -> None:
    """A file may define dataclasses with annotations that are evaluated later."""
    write(
        tmp_path,
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Limit:\n    value: float = 0.5\n"
        "def tell(example, output): return Limit().value\n",
    )
    assert load_function(tmp_path, "metrics.py:tell").call(0, 0) == 0.5


@pytest.mark.parametrize(
    ("text", "use", "message"),
    [
        (None, "metrics.py:size", "metrics.py cannot be read: No such file"),
        ("", "metrics.txt:size", "FILE.py:FUNCTION"),
        ("", "metrics.py:", "FILE.py:FUNCTION"),
        ("x = 1\ndef (\n", "metrics.py:size", r"metrics.py, line 2: SyntaxError"),
        ("x = '\0'\n", "metrics.py:size", "null bytes"),
        ("x = 1\nimport no_such_module_here\n", "metrics.py:size", "line 2: ModuleNotFoundError"),
        ("def f():\n    raise SystemExit(3)\nf()\n", "metrics.py:size", "line 2: SystemExit: 3"),
        (
            "import os\ndef sized(e, o): ...\ndef _own(e, o): ...\n",
            "metrics.py:size",
            "Its functions: sized$",
        ),
        ("", "metrics.py:size", "Its functions: none"),
        ("size = 3\n", "metrics.py:size", "is of type int, no function"),
        (
            "def size(output): ...\n",
            "metrics.py:size",
            r"must take 2 arguments: .* Write def size\(example, output\)",
        ),
        ("def size(a, b, c): ...\n", "metrics.py:size", "missing a required argument: 'c'"),
    ],
)
def test_files_that_cannot_be_loaded(tmp_path: Path, text: str | None, use: str, message: str) -> None:
    """A file or function that cannot be used is an error that names it, its line and what to write."""
    if text is not None:
        write(tmp_path, text)
    with pytest.raises(
        ValueError, match=message.removesuffix("$") + (r"\.$" if message.endswith("$") else "")
    ):
        load_function(tmp_path, use)


def test_syntax_error_of_a_neighbour(tmp_path: Path) -> None:
    """A syntax error in a neighbour names the neighbour's file and line."""
    write(tmp_path, "import helper_of_mine\n")
    write(tmp_path, "x = 1\ny = (\n", "helper_of_mine.py")
    with pytest.raises(MetricError, match=r"because of .*helper_of_mine.py, line 2: SyntaxError"):
        load_function(tmp_path, "metrics.py:size")


def test_other_parameters_can_be_demanded(tmp_path: Path) -> None:
    """A function for another purpose may have other parameters."""
    write(
        tmp_path, "def read(reply: str) -> Any: ...\nfrom typing import Any\n".replace("Any: ...", "str: ...")
    )
    loaded: Any = load_function(tmp_path, "metrics.py:read", ("reply",))
    assert loaded.call("x") is None
