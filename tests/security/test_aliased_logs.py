"""A log that is opened through a symbolic link has no second set of files.

Otherwise a payload that was removed from the log would stay in the tables of the link.
"""

from pathlib import Path

from transfer_prompting.orchestration.projections.tables.catch_up import views_path


def test_tables_of_a_link(tmp_path: Path) -> None:
    """The tables of a link are those of its log."""
    (tmp_path / "log.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "log.db")
    assert views_path(tmp_path / "link.db") == views_path(tmp_path / "log.db")
