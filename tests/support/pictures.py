"""Draw the screens of the pages: demo.svg and live-view.svg.

    python tests/support/pictures.py FOLDER

The first shows the end of the recorded run, the other a run whose task and models are simulated.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from harbour_run import RUN, sail

from transfer_prompting.orchestration.cli.options import RECORDED
from transfer_prompting.orchestration.cli.watch_svg import draw
from transfer_prompting.orchestration.console.selection import Selection
from transfer_prompting.storage.place import DEMO


def draw_demo(folder: Path) -> None:
    """Draw the end of the recorded run."""
    draw(DEMO, RECORDED, folder / "demo.svg", tail=None, selection=Selection())


def main(target: Path) -> None:
    """Make the run and all pictures."""
    draw_demo(target)
    with TemporaryDirectory() as name:
        log = asyncio.run(sail(Path(name)))
        draw(log, RUN, target / "live-view.svg", tail=None, selection=Selection())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
