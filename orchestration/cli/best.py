"""What `best` prints. It looks at one message and decodes no other: it answers at once on any log."""

from ...agents.upcasting import UPCASTERS
from ...storage.errors import UnknownRun
from ...storage.queries import Reader
from .documents import print_json


def print_best(run: str, reader: Reader, *, as_json: bool) -> None:
    """The text of the best prompt alone, or all that is known of it."""
    finished = next(reader.read(run, kinds=("run.finished",)), None)
    if finished is not None:
        message = UPCASTERS.payload(finished)
        print_json(message) if as_json else print(message["best"]["text"])
        return
    closed = list(reader.read(run, kinds=("stage.finished",)))
    if not closed:
        raise UnknownRun(
            f"Run {run} has not finished a stage yet, so it has no best prompt. `tp resume {run}` goes on."
        )
    best = UPCASTERS.payload(closed[-1])["best"]
    print_json({"best": best, "unfinished": True}) if as_json else print(best["candidate"]["text"])
