"""The error trees in the docstrings are complete."""

import pytest

from transfer_prompting.orchestration import errors as orchestration_errors
from transfer_prompting.orchestration.errors import ForkDivergence, OrchestrationError, ReplayDivergence
from transfer_prompting.orchestration.lineage import fork, import_run, redact
from transfer_prompting.storage import errors as storage_errors
from transfer_prompting.storage.errors import StorageError


def _below(base: type[Exception]) -> set[type[Exception]]:
    return {base}.union(*(_below(cls) for cls in base.__subclasses__()))


@pytest.mark.parametrize(
    ("base", "picture"),
    [
        (StorageError, storage_errors.__doc__),
        (OrchestrationError, orchestration_errors.__doc__),
    ],
)
def test_every_error_is_in_the_picture(base: type[Exception], picture: str) -> None:
    """The error tree of each package names every error class that its modules define."""
    assert all((fork, redact, import_run))  # Imported, because their errors count.
    names = {cls.__name__ for cls in _below(base) if cls.__module__.startswith("transfer_prompting.")}
    words = set(picture.split())
    assert names <= words, names - words


def test_a_fork_divergence_is_a_divergence() -> None:
    """A fork divergence keeps the seq and both messages of its cause, and names the changed settings."""
    error = ForkDivergence(ReplayDivergence(7, "this", "that"), {"search.edits": 1, "seed": 2})
    assert (error.seq, error.expected, error.got) == (7, "this", "that")
    assert "search.edits, seed changed" in str(error)
    assert "Fork before seq 7" in str(error)
