"""The trees of errors drawn in docstrings are complete and true."""

import importlib
import pkgutil
import re

import pytest

import transfer_prompting
from transfer_prompting.orchestration import errors as orchestration_errors
from transfer_prompting.orchestration.errors import ForkDivergence, OrchestrationError, ReplayDivergence
from transfer_prompting.storage import errors as storage_errors
from transfer_prompting.storage.errors import TransferPromptingError

_BRANCH = re.compile(r"^((?:│   |    )*)[├└]── ((?:\w+, )*\w+)")


def _load_everything() -> None:
    """Import every module whose libraries are installed, so that every class of error exists."""
    for module in pkgutil.walk_packages(transfer_prompting.__path__, "transfer_prompting."):
        parts = module.name.split(".")
        if parts[1] in ("storage", "prompts", "agents", "orchestration"):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                if (error.name or "").startswith("transfer_prompting"):
                    raise


def _below(base: type[Exception]) -> set[type[Exception]]:
    """Return every class derived from `base` that the package itself defines."""
    own = {cls for cls in base.__subclasses__() if cls.__module__.startswith("transfer_prompting.")}
    return own.union(*map(_below, own))


def _drawn(docstring: str | None, root: str) -> dict[str, str]:
    """Return the parent of every class in the tree that `docstring` draws below `root`."""
    parents: dict[str, str] = {}
    path = [root]
    assert docstring is not None
    assert root in docstring.splitlines()
    for line in docstring.splitlines():
        if branch := _BRANCH.match(line):
            depth = len(branch[1]) // 4 + 1
            names = branch[2].split(", ")
            parents |= dict.fromkeys(names, path[depth - 1])
            path[depth:] = [names[-1]]
    return parents


def _defined(base: type[Exception]) -> dict[str, str]:
    """Return the parent of every class below `base`: its only base class among the package's own errors."""
    return {
        cls.__name__: next(b.__name__ for b in cls.__bases__ if issubclass(b, TransferPromptingError))
        for cls in _below(base)
    }


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    _load_everything()


def test_the_tree_of_a_run() -> None:
    """The tree of orchestration errors draws every class below its parent, and no other."""
    drawn = _drawn(orchestration_errors.__doc__, "OrchestrationError")
    assert drawn == _defined(OrchestrationError)


def test_the_whole_tree() -> None:
    """The tree of all errors draws every class below its parent, except those of the tree of a run."""
    drawn = _drawn(storage_errors.__doc__, "TransferPromptingError")
    defined = _defined(TransferPromptingError)
    assert drawn == {
        name: parent for name, parent in defined.items() if name not in _defined(OrchestrationError)
    }


def test_a_fork_divergence_is_a_divergence() -> None:
    """A fork divergence carries seq and both sides of its origin, and names the changed settings."""
    error = ForkDivergence(ReplayDivergence(7, "this", "that"), {"search.edits": 1, "seed": 2})
    assert (error.seq, error.expected, error.got) == (7, "this", "that")
    assert "search.edits, seed changed" in str(error)
    assert "Fork before seq 7" in str(error)
