"""The contract's fixtures: every store in turn, or PostgreSQL alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from log_stores import STORES, PostgresStore, Store, postgres, why_no_postgres


@pytest.fixture(scope="session")
def no_postgres() -> str | None:
    """Return the reason why no PostgreSQL answers, or None. The server is asked once."""
    return why_no_postgres()


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path, no_postgres: str | None) -> Iterator[Store]:
    """An empty place in each kind of store in turn."""
    if request.param == "postgres" and no_postgres:
        pytest.skip(no_postgres)
    with STORES[request.param](tmp_path) as store:
        yield store


@pytest.fixture
def server(tmp_path: Path, no_postgres: str | None) -> Iterator[PostgresStore]:
    """An empty place in PostgreSQL."""
    if no_postgres:
        pytest.skip(no_postgres)
    with postgres(tmp_path) as store:
        yield store
