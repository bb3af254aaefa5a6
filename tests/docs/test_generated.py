"""The generated pages belong to this version."""

import re
from pathlib import Path

import pytest
from blocks import ROOT
from generate_docs import GENERATED

import transfer_prompting


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_page_is_current(path: Path) -> None:
    """A generated page equals the output of its generator; `make docs` renews it."""
    assert path.read_text(encoding="utf-8") == GENERATED[path]()


def test_api_page_is_complete() -> None:
    """The API reference has a heading for each public name, and no others."""
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert re.findall(r"^## `(\w+)`$", page, re.MULTILINE) == transfer_prompting.__all__
