"""A guard for tests of what must never hang, which would otherwise hang themselves on the day it does."""

import signal
from collections.abc import Iterator

import pytest

SECONDS = 60


@pytest.fixture(autouse=True)
def no_hanging() -> Iterator[None]:
    """A test that waits for ever fails, in a task or in a system call, instead of holding up the suite."""

    def fail(*_: object) -> None:
        raise TimeoutError(f"still waiting after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
