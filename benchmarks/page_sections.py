"""Tables, and sections of a Markdown page that programs of their own write."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def thousands(number: float | None) -> str:
    """Return a number in thousands, as text."""
    return f"{(number or 0) / 1000:,.0f}"


def with_section(page: str, section: str) -> str:
    """Return a page with `section` in place of the one with the same heading, or at its end."""
    before, _, after = _divided(page, section.partition("\n")[0])
    return f"{before.rstrip()}\n\n{section}{after}"


def section_of(page: str, heading: str) -> str:
    """Return the section of a page, with an empty line before it; "" if it has none."""
    found = _divided(page, heading)[1].rstrip()
    return f"\n{found}\n" if found else ""


def _divided(page: str, heading: str) -> tuple[str, str, str]:
    """Return the page before the section, the section, and the page after it."""
    before, heading, rest = page.partition(f"{heading}\n")
    own, next_heading, after = rest.partition("\n## ")
    return before, heading + own, next_heading + after
