"""The contents of a report for the tests of the pages."""

import pytest
from harbour_run import harbour_log

from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.report.contents import Contents, contents_of
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture(scope="session")
def contents(account: RunHistory) -> Contents:
    """Return the contents of the run's report."""
    with LogReader(harbour_log()) as reader:
        return contents_of(account, reader)
