"""The page of guarantees is complete, and the tests that it names exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")


def test_every_guarantee_has_a_line() -> None:
    """The table lists the guarantees 1 to 19 in order, each with a promise."""
    table, _, _ = PAGE.partition("\n## ")
    rows = re.findall(r"^\| G(\d+) \| ([^|]+) \|", table, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 20))
    assert all(promise.strip() for _, promise in rows)


def test_named_tests_are_there() -> None:
    """Each test that the page names exists in this project."""
    named = re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", PAGE)
    assert named
    for path, function in named:
        assert (ROOT / path).exists(), path
        assert not function or f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")


def test_tests_that_failed_are_there() -> None:
    """Each test that is said to have caught a deliberate fault exists in this project."""
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(
            r"^(?:async )?def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert named
    assert named <= there
