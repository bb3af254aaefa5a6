"""Fixtures of the console's tests: a written run, and where to show it."""

import pytest
from console_screens import Pipe, Terminal
from console_script import Script, whole_run


@pytest.fixture
def script() -> Script:
    """A run that has not begun."""
    return Script()


@pytest.fixture
def story() -> Script:
    """A run from start to verdict."""
    return whole_run()


@pytest.fixture
def terminal() -> Terminal:
    """A terminal of the classic size, 80 x 24."""
    return Terminal()


@pytest.fixture
def pipe() -> Pipe:
    """A pipe, for which Rich takes 80 columns."""
    return Pipe()
