"""Keeps the tests, and the programs that they start, out of the user's own folders."""

import os

import pytest

from transfer_prompting.orchestration.trust.records import STATE_VARIABLE


@pytest.fixture(scope="session", autouse=True)
def _state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Record approved runs in a temporary folder. Child processes inherit the variable."""
    os.environ[STATE_VARIABLE] = str(tmp_path_factory.mktemp("state"))
