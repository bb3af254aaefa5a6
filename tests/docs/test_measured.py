"""Pages of figures say of each table when it was measured, and whether its code has changed since."""

import re
from pathlib import Path

import measured
import pytest
from measured import PAGES, Record, digest, keys, marked, marker, read_records

_HEADING = re.compile(r"^##? ", re.MULTILINE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_lines_are_current(path: Path) -> None:
    """No page says that a table is of today's code if that code has changed: `measured.py mark` writes it."""
    page = path.read_text(encoding="utf-8")
    assert page == marked(page, read_records())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_table_is_marked(path: Path) -> None:
    """Each section with a table says when its figures were measured."""
    sections = _HEADING.split(path.read_text(encoding="utf-8"))
    assert [s.partition("\n")[0] for s in sections if "\n|" in s and not keys(s)] == []


def test_every_measurement_is_on_a_page() -> None:
    """What is recorded is shown, once."""
    shown = [key for path in PAGES for key in keys(path.read_text(encoding="utf-8"))]
    assert sorted(shown) == sorted(read_records())


def test_what_a_page_says() -> None:
    """A measurement of these very sources has its day, commit and command; others are called earlier."""
    sources = ("benchmarks/measured.py",)
    now = Record("python x.py", "2026-01-02", "abc", sources, digest(sources))
    old = Record("python x.py", "2026-01-02", "abc", sources, "0")
    page = f"{marker('a')}\n\n{marker('b')}\n*Anything.*\n\nText.\n"
    shown = marked(page, {"a": now, "b": old})
    assert shown.splitlines()[1] == "*Measured on 2026-01-02 at commit abc by `python x.py`.*"
    assert shown.splitlines()[4].startswith("*Of an earlier version: measured on 2026-01-02 at commit abc")
    assert marked(shown, {"a": now, "b": old}) == shown
    assert keys(shown) == ["a", "b"]


def test_what_changes_a_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code and templates count, comments and docstrings do not."""
    monkeypatch.setattr(measured, "ROOT", tmp_path)
    file, template = tmp_path / "room" / "code.py", tmp_path / "room" / "ask.j2"
    file.parent.mkdir()
    file.write_text('"""Say one."""\n\nONE = 1\n', encoding="utf-8")
    template.write_text("Write a prompt.", encoding="utf-8")
    before = digest(["room"])
    file.write_text('"""Say it."""\n\n# The first number.\nONE = 1\n"""The number."""\n', encoding="utf-8")
    assert digest(["room"]) == before
    file.write_text("ONE = 2\n", encoding="utf-8")
    changed = digest(["room"])
    assert changed != before
    template.write_text("Write a better prompt.", encoding="utf-8")
    assert digest(["room"]) not in (before, changed)
