"""The crash suite. Quick by default; `--long` (see `make crash`) kills each point two hundred times."""

from random import Random

import pytest

QUICK = {"visit": (1, 6), "visit_of_run": (6,)}
"""At which visit of a crash point the process dies: twice in a log, once (it takes longer) in a run."""
KILLS, LATEST = 200, 40


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` needs this folder to be named: `pytest tests/crash --long`."""
    parser.addoption("--long", action="store_true", default=False, help="kill each point 200 times")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The visits at which a test of a crash point kills: one or two, or two hundred drawn by chance."""
    for name in QUICK.keys() & set(metafunc.fixturenames):
        visits = list(QUICK[name])
        if metafunc.config.getoption("--long", default=False):
            random = Random(name)
            visits = [random.randint(1, LATEST) for _ in range(KILLS)]
        metafunc.parametrize(name, visits, ids=[f"{n}-visit{visit}" for n, visit in enumerate(visits)])
