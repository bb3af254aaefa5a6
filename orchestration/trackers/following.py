"""Feeding a run to a tracker: what the log has, then each event as it is committed."""

from ...storage.reader import Reader
from ..projections.run_status import STATUSES
from .base import Follower

_STOPS = frozenset(kind for kind, status in STATUSES.items() if status != "unfinished")
"""Kinds after which nothing more comes, unless the run is resumed."""
_MILESTONES = _STOPS | {"race.finished", "stage.finished", "target.finished"}
"""Kinds after which a tracker is brought up to date while a run goes on."""


def export_run(reader: Reader, run: str, follower: Follower, *, follow: bool) -> int:
    """Feed `run` to `follower`, and with `follow` go on until it ends or fails; return the last seq."""
    try:
        last, kind = 0, ""
        for event in reader.read(run):
            follower.apply(event)
            last, kind = event.seq, event.kind if event.kind in STATUSES else kind
        follower.update()
        if follow and kind not in _STOPS:
            import asyncio  # Here because most exports do without.

            last = asyncio.run(_follow(reader, run, follower, last))
    finally:
        follower.close()
    return last


async def _follow(reader: Reader, run: str, follower: Follower, last: int) -> int:
    async for event in reader.follow(run, after=last):
        follower.apply(event)
        last = event.seq
        if event.kind in _MILESTONES:
            follower.update()
        if event.kind in _STOPS:
            break
    return last
