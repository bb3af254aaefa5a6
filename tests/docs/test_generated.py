"""The generated pages belong to this version."""

from pathlib import Path

import pytest
from generate_docs import GENERATED


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_page_is_current(path: Path) -> None:
    """A generated page equals the output of its generator; `make docs` updates it."""
    assert path.read_text(encoding="utf-8") == GENERATED[path]()
