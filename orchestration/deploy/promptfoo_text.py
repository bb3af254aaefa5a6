"""Text in a configuration of promptfoo that is nothing but text there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_OPENING = re.compile(r"\{(?=[{%#]|\Z)")
"""A brace that would begin a template, or might with what follows the text."""
_RISKY = re.compile(r"\{[{%#]|\A\s*(?:[A-Za-z][\w+.-]*://|package:)|\n\Z")
"""Templates, addresses of files, and a line break at the end, which promptfoo removes."""
_PRIVATE = range(0xE000, 0xF8FF)


def literal(text: str) -> str:
    """Return a template of Nunjucks that renders to `text`."""
    return _OPENING.sub("{{ '{' }}", text)


@dataclass(frozen=True, slots=True)
class Guard:
    """Two characters that occur in no value: one stands for a brace, and the other is removed again."""

    brace: str = ""
    nothing: str = ""

    @classmethod
    def for_texts(cls, texts: Iterable[str]) -> Self:
        """Return the guard for values; without any that promptfoo would misunderstand, it changes nothing."""
        values = list(texts)
        if not any(map(_RISKY.search, values)):
            return cls()
        used = set().union(*values)
        free = (chr(code) for code in _PRIVATE if chr(code) not in used)
        return cls(next(free), next(free))

    def inert(self, value: str) -> str:
        """Return the value as it is written into a variable."""
        if not self.brace or not value:
            return value
        return f"{self.nothing}{value.replace('{', self.brace)}{self.nothing}"

    def place(self, variable: str) -> str:
        """Return the template that renders to the value of a variable."""
        if not self.brace:
            return f"{{{{ {variable} }}}}"
        return f'{{{{ {variable} | replace("{self.brace}", "{{") | replace("{self.nothing}", "") }}}}'

    def in_javascript(self, expression: str) -> str:
        """Return the expression of JavaScript for the value that a variable holds."""
        if not self.brace:
            return expression
        back = f'.replaceAll("{self.brace}", "\\x7b").replaceAll("{self.nothing}", "")'
        return expression + back
