"""The generated pages are those of this version."""

from pathlib import Path

import pytest
from generate_docs import GENERATED


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_page_is_current(path: Path) -> None:
    """A generated page says what its generator says today; `make docs` writes it anew."""
    assert path.read_text(encoding="utf-8") == GENERATED[path]()
