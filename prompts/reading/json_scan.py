"""Find JSON values in text, as models write them: between prose, and with small faults that change nothing.

Tolerated are commas after the last item, strings in single quotes or over several lines, the words True,
False and None, and comments (//, #, /* */). Everything else that is not JSON makes a value unreadable, as
what it means would be a guess: keys without quotes, missing commas, an omission (...), NaN, a missing end.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from .json_text import DEEPEST, LONGEST, NotJson, check_bounds, floating, integer, object_of, strict

_WORK = 20
"""Number of steps for each character of a text after which the search is given up. Real replies need two."""
_SKIPPED = re.compile(r"(?:[ \t\n\r]++|//[^\n]*+|#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|' r"'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*+)(?P<fraction>\.\d++)?(?P<exponent>[eE][+-]?\d++)?(?![\w.])", re.ASCII)
_WORD = re.compile(r"(?:true|false|null|True|False|None)(?!\w)")
_DECODE = json.JSONDecoder(strict=False).decode
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_BRACKET = re.compile(r"[{\[]")
_OUTLINE = re.compile(rf"[{{\[,:]\s*+(?:{_STRING.pattern})?+|[\]}}]", re.DOTALL)
"""What opens, parts or closes values, with the string that begins there: its brackets are only text."""
_DEEPER = {"{": 1, "[": 1, "]": -1, "}": -1}
_SINGLE = re.compile(r"\\'|\"|\\.", re.DOTALL)


class Found(NamedTuple):
    """A JSON value in a text, with its place."""

    start: int
    end: int
    value: Any


class _Broken(Exception):
    """What begins at a bracket is not JSON."""


class _TooMuch(Exception):
    """The text is not worth more work."""


def tolerant(text: str) -> Any:
    """Return the value of a text that is JSON but for the tolerated faults. Raises `NotJson` for another."""
    try:
        return strict(text)
    except NotJson as fault:
        scanner = Scanner(text)
        whole = scanner.whole()
        if whole is None:
            raise fault from None
        return whole.value


def found_in(text: str) -> list[Found]:
    """Return the objects and arrays in `text` that are not part of others, in order.

    The list is empty if the last one has no end: then the reply was cut off, or goes on in another language.
    """
    if len(text) > LONGEST:
        return []
    return Scanner(text).all()


@dataclass
class Scanner:
    """Reads JSON values in one text. `work` counts its steps, each in the length of what it passed."""

    text: str
    work: int = 0
    _at: int = 0
    _begun: bool = False
    """True if the value at hand is surely meant as JSON: a key or a nested value was read in it."""

    def all(self) -> list[Found]:
        """Return the values in the text; see `found_in`."""
        found: list[Found] = []
        at = 0
        try:
            while at >= 0 and (bracket := _BRACKET.search(self.text, at)):
                value = self._value_at(bracket.start())
                found += [value] if value else []
                at = value.end if value else self._after_broken(bracket.start())
        except _TooMuch:
            return []
        return found if at >= 0 else []

    def whole(self) -> Found | None:
        """Return the value of the whole text; None if it is not one, or breaks a bound."""
        if len(self.text) > LONGEST:
            return None
        try:
            self._skip()
            start = self._at
            value = self._value(0)
            end = self._at
            self._skip()
            check_bounds(value)
        except (_Broken, _TooMuch, NotJson):
            return None
        return Found(start, end, value) if self._at == len(self.text) else None

    def _value_at(self, start: int) -> Found | None:
        """Return the value that begins at a bracket; None if it cannot be read."""
        self._at, self._begun = start, False
        try:
            value = self._value(0)
            check_bounds(value)
        except (_Broken, NotJson):
            return None
        return Found(start, self._at, value)

    def _after_broken(self, start: int) -> int:
        """Return where to go on after a value that cannot be read; -1 if it goes on to the end of the text.

        What stands within it is no value of its own, and the brackets in its strings end nothing, nor does a
        bracket of prose.
        """
        if not self._begun:
            return start + 1
        depth = 0
        for sign in _OUTLINE.finditer(self.text, start):
            depth += _DEEPER.get(sign[0][0], 0)
            if not depth:
                self._pass(sign.end() - start)
                return sign.end()
        return -1

    def _value(self, depth: int) -> Any:
        self._skip()
        sign = self.text[self._at : self._at + 1]
        if sign == "{" or sign == "[":
            if depth >= DEEPEST:
                self._begun = True
                raise _Broken
            return self._object(depth) if sign == "{" else self._array(depth)
        if sign and sign in "\"'":
            return self._string()
        if number := _NUMBER.match(self.text, self._at):
            self._move(number.end())
            whole = number["fraction"] is None and number["exponent"] is None
            return integer(number[0]) if whole else floating(number[0])
        if word := _WORD.match(self.text, self._at):
            self._move(word.end())
            return _WORDS[word[0]]
        raise _Broken

    def _object(self, depth: int) -> dict[str, Any]:
        pairs: list[tuple[str, Any]] = []
        self._move(self._at + 1)
        while not self._ends("}"):
            if pairs:
                self._comma()
                if self._ends("}"):
                    break
            key = self._string()
            self._skip()
            if self.text[self._at : self._at + 1] != ":":
                raise _Broken
            self._begun = True
            self._move(self._at + 1)
            pairs.append((key, self._value(depth + 1)))
        self._move(self._at + 1)
        return object_of(pairs)

    def _array(self, depth: int) -> list[Any]:
        items: list[Any] = []
        self._move(self._at + 1)
        while not self._ends("]"):
            if items:
                self._comma()
                if self._ends("]"):
                    break
            items.append(self._value(depth + 1))
            self._begun = self._begun or isinstance(items[-1], str | list | dict)
        self._move(self._at + 1)
        return items

    def _ends(self, sign: str) -> bool:
        self._skip()
        return self.text[self._at : self._at + 1] == sign

    def _comma(self) -> None:
        if self.text[self._at : self._at + 1] != ",":
            raise _Broken
        self._move(self._at + 1)

    def _string(self) -> str:
        found = _STRING.match(self.text, self._at)
        if found is None:
            self._pass(len(self.text) - self._at)
            raise _Broken
        self._move(found.end())
        body = found[0][1:-1]
        if found[0][0] == "'":
            body = _SINGLE.sub(_in_double_quotes, body)
        try:
            return str(_DECODE(f'"{body}"'))
        except ValueError:
            # A whole string with the escapes of another language: the value was meant, and is not prose.
            self._begun = True
            raise _Broken from None

    def _skip(self) -> None:
        found = _SKIPPED.match(self.text, self._at)
        assert found is not None
        if self.text.startswith("/*", found.end()):
            self._pass(len(self.text) - found.end())
        self._move(found.end())

    def _move(self, to: int) -> None:
        self._pass(to - self._at)
        self._at = to

    def _pass(self, characters: int) -> None:
        self.work += characters + 1
        if self.work > _WORK * (len(self.text) + 20):
            raise _TooMuch


def _in_double_quotes(sign: re.Match[str]) -> str:
    return {"\\'": "'", '"': '\\"'}.get(sign[0], sign[0])
