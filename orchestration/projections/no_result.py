"""Finished runs that have no result: their final comparison rests on no reply, or on none that could be read.

The verdict of such a run is in the log as it is. Everything that shows the run says that it has no result.
"""

from collections.abc import Iterable

from ...agents.upcasting import UPCASTERS
from ...storage.errors import LogUnreadable
from ...storage.event import Event
from ...storage.reader import Reader

PARSED = "accuracy_parsed"
"""Measure that rests on the readable answers alone; its `n` is their number."""
FINAL_KINDS = (
    "stage.started",
    "stage.finished",
    "prompt.scored",
    "target.finished",
    "targets.finished",
    "run.finished",
)
"""Kinds of events that decide whether a run has a result."""


def reason(compared: int, excluded: int, readable: Iterable[int | None]) -> str | None:
    """Return why a finished run has no result, as a sentence; None if it has one.

    Args:
        compared: Number of comparisons in the verdict.
        excluded: Number of held-out examples that could not be evaluated.
        readable: Number of readable answers of each finalist on the held-out examples; None if unknown.
    """
    if not compared:
        return f"None of the {excluded} held-out examples could be evaluated."
    counts = list(readable)
    if counts and not any(count is None or count for count in counts):
        return "None of the answers in the final comparison could be read."
    return None


def reason_of_targets(compared: Iterable[int]) -> str | None:
    """Return why a finished run with several targets has no result; None if it has one for any of them.

    `compared` holds the number of comparisons in each verdict. Verdicts that were redacted are left out, and
    without any nothing is known against the run.
    """
    counts = list(compared)
    return "No held-out example of any target could be evaluated." if counts and not any(counts) else None


class FinalComparison:
    """Follows the events of a run, and tells whether its final comparison says anything."""

    def __init__(self) -> None:
        self.no_result: str | None = None
        """Reason why the run has no result, as `reason` states it; None also before the run has finished."""
        self._readable: list[int | None] = []
        self._searching = True
        self._compared: list[int] = []
        """Number of comparisons in the verdict on each of several targets."""

    def apply(self, event: Event) -> None:
        """Take in the next event; all kinds but `FINAL_KINDS` are passed over.

        Raise `LogUnreadable` if its message has another shape than this version's.
        """
        try:
            self._apply(event)
        except (KeyError, TypeError, AttributeError) as error:
            raise LogUnreadable(
                f"Event seq {event.seq} ({event.kind}) is not as any version writes it: {error!r}."
            ) from error

    def _apply(self, event: Event) -> None:
        if event.kind == "stage.started":
            self._searching = True
        elif event.kind == "stage.finished":
            self._searching = False
            self._readable.clear()
        elif event.kind == "prompt.scored" and event.data and not self._searching:
            measures = UPCASTERS.payload(event)["score"]["measures"]
            self._readable.append(measures.get(PARSED, {}).get("n"))
        elif event.kind == "target.finished" and event.data:
            self._compared.append(len(UPCASTERS.payload(event)["verdict"]["comparisons"]))
        elif event.kind == "targets.finished":
            self.no_result = reason_of_targets(self._compared)
        elif event.kind == "run.finished" and event.data:
            verdict = UPCASTERS.payload(event)
            self.no_result = reason(len(verdict["comparisons"]), verdict.get("excluded", 0), self._readable)


def find_reason(reader: Reader, run: str) -> str | None:
    """Return why `run` has no result, as `reason` does; None also if the run has not finished."""
    stages = [event.seq for event in reader.read(run, kinds=("stage.finished",))]
    comparison = FinalComparison()
    # The search before the last stage ended may be long, and says nothing here, but the verdicts do.
    for event in reader.read(run, kinds=("target.finished",)):
        comparison.apply(event)
    for event in reader.read(run, after=max(stages, default=1) - 1, kinds=FINAL_KINDS):
        comparison.apply(event)
    return comparison.no_result
