"""Fixtures of the console tests: a scripted run, a terminal and a pipe."""

import pytest
from console_screens import Pipe, Terminal
from console_script import Script, whole_run


@pytest.fixture
def script() -> Script:
    """Return a run that has not begun."""
    return Script()


@pytest.fixture
def story() -> Script:
    """Return a run from its start to its verdict."""
    return whole_run()


@pytest.fixture
def terminal() -> Terminal:
    """Return a terminal of the classic size, 80 x 24."""
    return Terminal()


@pytest.fixture
def pipe() -> Pipe:
    """Return a pipe, for which Rich assumes 80 columns."""
    return Pipe()
