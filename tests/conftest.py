"""Records which lines the tests execute; keeps them, and what they start, out of the user's own folders."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

_RECORDER = None
if os.environ.get("RECORD_LINES"):
    # Before anything imports the package, such as the next line.
    from executed_lines import ExecutedLines

    _RECORDER = ExecutedLines()

from log_stores import PostgresStore, postgres, why_no_postgres  # noqa: E402

from transfer_prompting.orchestration.trust.records import STATE_VARIABLE  # noqa: E402

# No property depends on the time: another process, or the recorder at work, may delay any example.
settings.register_profile("without clock and files", deadline=None, database=None)
settings.load_profile("without clock and files")


def pytest_unconfigure() -> None:
    """Write which lines this process has executed, for `coverage combine`."""
    if _RECORDER is not None:
        _RECORDER.write(os.environ.get("PYTEST_XDIST_WORKER", "main"))


@pytest.fixture(scope="session", autouse=True)
def _state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Record approved runs in a temporary folder. Child processes inherit the variable."""
    os.environ[STATE_VARIABLE] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def no_postgres() -> str | None:
    """Return the reason why no PostgreSQL answers, or None. The server is asked once."""
    return why_no_postgres()


@pytest.fixture
def postgres_store(tmp_path: Path, no_postgres: str | None) -> Iterator[PostgresStore]:
    """Return an empty place in PostgreSQL. Its schema is dropped after the test."""
    if no_postgres:
        pytest.skip(no_postgres)
    with postgres(tmp_path) as store:
        yield store
