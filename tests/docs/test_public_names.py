"""Programs in the pages use the public names of the package."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import PAGES, ROOT, blocks

import transfer_prompting

PACKAGE = "transfer_prompting"
CHANGES_THE_PACKAGE = {"docs/add-a-metric.md", "docs/add-an-operator.md", "docs/schema-evolution.md"}
"""Pages about the package's own code: their programs become part of it."""


def _imports(page: Path) -> Iterator[str]:
    """Yield the names that the programs of a page import from the package."""
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language != "python":
            continue
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == PACKAGE:
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.Import):
                assert all(alias.name.partition(".")[0] != PACKAGE for alias in node.names), page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_programs_import_public_names(page: Path) -> None:
    """A program of a page imports only public names."""
    name = str(page.relative_to(ROOT))
    if name not in CHANGES_THE_PACKAGE:
        assert set(_imports(page)) <= set(transfer_prompting.__all__)
