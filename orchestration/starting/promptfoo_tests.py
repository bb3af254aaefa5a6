"""The tests of a configuration of promptfoo: variables and asserts, row by row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from ..errors import ConfigError
from .promptfoo_file import FILE, Files

_MOST_ROWS = 10_000
_EXPECTED = re.compile(r"__expected\d*")
_SHORT_FORM = re.compile(r"(?P<type>[a-z][a-z-]+)(?:\([\d.]+\))?:\s*(?P<value>.*)", re.DOTALL)


@dataclass(slots=True)
class Test:
    """One test: a row and what is asserted of it."""

    place: str
    row: dict[str, Any]
    asserts: list[dict[str, Any]]


@dataclass(slots=True)
class Tests:
    """The tests of a file, and what was not taken over."""

    tests: list[Test] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_tests(config: Mapping[str, Any], files: Files) -> Tests:
    """Return the tests of a configuration, each with the defaults for all of them."""
    default = config.get("defaultTest")
    default = default if isinstance(default, Mapping) else {}
    found = Tests()
    written = config.get("tests", [])
    for number, one in enumerate(_listed(written, files, found), 1):
        place = f"test {number}"
        try:
            found.tests += _expanded(place, one, default, files)
        except ConfigError as error:
            found.left_out.append(f"{place}: {error}")
    if config.get("scenarios"):
        found.left_out.append("scenarios: write their combinations as tests.")
    if len(found.tests) > _MOST_ROWS:
        raise ConfigError(f"The tests stand for {len(found.tests):,} rows; {_MOST_ROWS:,} can be taken over.")
    return found


def _listed(written: Any, files: Files, found: Tests) -> Iterator[Any]:
    for one in written if isinstance(written, list) else [written]:
        if not isinstance(one, str):
            yield one
            continue
        try:
            yield from map(_from_row, files.rows(one))
        except ConfigError as error:
            found.left_out.append(f"tests: {error}")


def _from_row(row: Any) -> Any:
    """Return a row of a table as a test: columns called __expected hold asserts, the others variables."""
    if not isinstance(row, Mapping) or "vars" in row or "assert" in row:
        return row
    asserts = [_short(str(cell)) for name, cell in row.items() if _EXPECTED.fullmatch(str(name)) and cell]
    variables = {str(name): cell for name, cell in row.items() if name and not str(name).startswith("__")}
    return {"vars": variables, "assert": asserts}


def _short(text: str) -> dict[str, Any]:
    found = _SHORT_FORM.fullmatch(text.strip())
    if found is None:
        return {"type": "equals", "value": text.strip()}
    several = re.search(r"-(any|all)$", found["type"])
    value = found["value"].strip()
    return {"type": found["type"], "value": [part.strip() for part in value.split(",")] if several else value}


def _expanded(place: str, test: Any, default: Mapping[str, Any], files: Files) -> list[Test]:
    if not isinstance(test, Mapping):
        raise ConfigError("it is no test with vars.")
    variables = _variables(default.get("vars"), files) | _variables(test.get("vars"), files)
    asserts = [one for part in (default.get("assert"), test.get("assert")) for one in _asserts(part)]
    several = {name: value for name, value in variables.items() if _is_several(value)}
    if prod(map(len, several.values())) > _MOST_ROWS:
        raise ConfigError("its lists of variables stand for too many rows.")
    rows = [variables | dict(zip(several, values, strict=True)) for values in product(*several.values())]
    return [Test(place, row, [_filled(one, row) for one in asserts]) for row in rows]


def _is_several(value: Any) -> bool:
    """Return whether a variable stands for a row for each of its values, as promptfoo takes lists."""
    return (
        isinstance(value, list) and bool(value) and all(isinstance(one, str | int | float) for one in value)
    )


def _variables(written: Any, files: Files) -> dict[str, Any]:
    if written is None:
        return {}
    if not isinstance(written, Mapping):
        raise ConfigError("its vars are no table.")
    return {
        str(name): files.text(value) if isinstance(value, str) and value.startswith(FILE) else value
        for name, value in written.items()
    }


def _asserts(written: Any) -> Sequence[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in written if isinstance(written, list) else []:
        if isinstance(one, Mapping) and one.get("type") == "assert-set":
            found += _asserts(one.get("assert"))
        elif isinstance(one, Mapping) and isinstance(one.get("type"), str):
            found.append(dict(one))
    return found


def _filled(one: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an assert whose value has the row's variables in the place of their names."""

    def fill(value: Any) -> Any:
        if isinstance(value, list):
            return [fill(item) for item in value]
        if not isinstance(value, str):
            return value
        return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: str(row.get(found[1], found[0])), value)

    return one | {"value": fill(one.get("value"))}
