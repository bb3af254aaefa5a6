"""The page on what a writing model sees is true."""

from harbour_run import harbour_log
from requests_page import PAGE, ROWS, quotation, requests


def test_each_line_of_the_table_is_true() -> None:
    """What the table promises stands in the requests of a run, and every line is on the page."""
    asked = requests(harbour_log())
    assert [row.missing for row in ROWS if quotation(row, asked) is None] == []
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| {row.missing} | {row.before} |" in page for row in ROWS)
