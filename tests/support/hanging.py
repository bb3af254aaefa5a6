"""A guard for tests of code that must never hang."""

import signal
from collections.abc import Iterator

import pytest

SECONDS = 60


@pytest.fixture(autouse=True)
def no_hanging() -> Iterator[None]:
    """Fail a test that waits forever, in a task or in a system call, instead of blocking the suite."""

    def fail(*_: object) -> None:
        raise TimeoutError(f"still waiting after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
