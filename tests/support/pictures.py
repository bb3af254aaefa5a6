"""Draw the screens of the pages from the recorded run: demo.svg and live-view.svg.

    python tests/support/pictures.py FOLDER

The first shows its end, the second a moment of a race. `tests/docs/test_pictures.py` draws them again and
says when those of docs/ are older than the code.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from transfer_prompting.orchestration.cli.options import RECORDED
from transfer_prompting.orchestration.cli.watch_svg import draw
from transfer_prompting.orchestration.console.selection import Selection
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import DEMO

_ANSWERS = 6
"""Answers of the race that live-view.svg shows: the other calls run, and some wait for a slot."""


def race_under_way() -> int:
    """Return the seq of a moment in the first race of the recorded run in which proposed prompts compete."""
    with open_reader(DEMO) as reader:
        events = iter(reader.read(RECORDED))
        next(event for event in events if event.kind == "proposals.made")
        answers = (event for event in events if event.kind == "call.finished")
        return [next(answers).seq for _ in range(_ANSWERS)][-1]


@contextmanager
def universal_time() -> Iterator[None]:
    """Show times in UTC: a picture is the same wherever it is drawn."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def main(target: Path) -> None:
    """Draw all screens."""
    with universal_time():
        draw(DEMO, RECORDED, target / "demo.svg", tail=None, selection=Selection())
        draw(DEMO, RECORDED, target / "live-view.svg", tail=None, selection=Selection(), to=race_under_way())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
