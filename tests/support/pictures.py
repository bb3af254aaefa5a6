"""Draw the screens of the pages: demo.svg, live-view.svg and report.png.

    python tests/support/pictures.py FOLDER

The first shows the end of the recorded run, the others a run whose task and models are simulated.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from chromium import chromium
from harbour_run import RUN, sail

from transfer_prompting.orchestration.cli.options import RECORDED
from transfer_prompting.orchestration.cli.watch_svg import draw
from transfer_prompting.orchestration.console.selection import Selection
from transfer_prompting.orchestration.projections.history import read_history
from transfer_prompting.orchestration.report.contents import contents_of
from transfer_prompting.orchestration.report.page import page
from transfer_prompting.storage.place import DEMO
from transfer_prompting.storage.sqlite.reader import LogReader

_WIDTH, _HEIGHT = 1000, 1250


async def photograph(url: str) -> bytes:
    """Return the top of a page as a PNG."""
    async with chromium() as browser:
        await browser.open(url, width=_WIDTH, height=_HEIGHT)
        return await browser.picture()


def draw_demo(folder: Path) -> None:
    """Draw the end of the recorded run."""
    draw(DEMO, RECORDED, folder / "demo.svg", tail=None, selection=Selection())


def main(target: Path) -> None:
    """Make the run and all pictures."""
    draw_demo(target)
    with TemporaryDirectory() as name:
        log = asyncio.run(sail(Path(name)))
        draw(log, RUN, target / "live-view.svg", tail=None, selection=Selection())
        with LogReader(log) as reader:
            report = page(contents_of(read_history(reader, RUN)))
        html = Path(name) / "run.html"
        html.write_text(report, encoding="utf-8")
        (target / "report.png").write_bytes(asyncio.run(photograph(html.as_uri())))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
