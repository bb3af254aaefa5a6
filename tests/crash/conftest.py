"""Fixtures of the crash suite. With `--long` (see `make crash`) each point kills 200 times."""

from random import Random

import pytest

QUICK = {"visit": (1, 6), "visit_of_run": (6,)}
"""Visits of a crash point at which the process is killed. A run has only one, since it takes longer."""
KILLS, LATEST = 200, 40


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--long`, which is known only if this folder is named: `pytest tests/crash --long`."""
    parser.addoption("--long", action="store_true", default=False, help="kill each point 200 times")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each visit at which to kill: one or two, or 200 random ones with `--long`."""
    for name in QUICK.keys() & set(metafunc.fixturenames):
        visits = list(QUICK[name])
        if metafunc.config.getoption("--long", default=False):
            random = Random(name)
            visits = [random.randint(1, LATEST) for _ in range(KILLS)]
        metafunc.parametrize(name, visits, ids=[f"{n}-visit{visit}" for n, visit in enumerate(visits)])
