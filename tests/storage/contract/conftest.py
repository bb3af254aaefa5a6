"""The contract's fixtures: every store in turn, or PostgreSQL alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from log_stores import STORES, PostgresStore, Store


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path, no_postgres: str | None) -> Iterator[Store]:
    """An empty place in each kind of store in turn."""
    if request.param == "postgres" and no_postgres:
        pytest.skip(no_postgres)
    with STORES[request.param](tmp_path) as store:
        yield store


@pytest.fixture
def server(postgres_store: PostgresStore) -> PostgresStore:
    """An empty place in PostgreSQL, for what no other store does."""
    return postgres_store
