"""Draw the picture of the report: the top of the page of the recorded run.

python tests/support/report_picture.py FOLDER
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from chromium import chromium

from transfer_prompting.orchestration.projections.history import read_history
from transfer_prompting.orchestration.report.contents import contents_of
from transfer_prompting.orchestration.report.page import page
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import DEMO

_WIDTH, _HEIGHT = 1000, 1180


async def photograph(url: str) -> bytes:
    """Return the top of a page as a PNG."""
    async with chromium() as browser:
        # A picture cannot be scrolled.
        await browser.call("Emulation.setScrollbarsHidden", hidden=True)
        await browser.open(url, width=_WIDTH, height=_HEIGHT)
        return await browser.picture()


def main(target: Path) -> None:
    """Make the page and its picture."""
    with open_reader(DEMO) as reader, TemporaryDirectory() as name:
        html = Path(name) / "run.html"
        contents = contents_of(read_history(reader, reader.resolve("last")), reader)
        html.write_text(page(contents), encoding="utf-8")
        (target / "report.png").write_bytes(asyncio.run(photograph(html.as_uri())))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
