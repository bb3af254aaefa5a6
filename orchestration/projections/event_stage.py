"""The stage that each event of a log belongs to: many messages, and all calls, name none."""

from ...agents.call_events import CALL_KINDS
from ...agents.upcasting import UPCASTERS
from ...storage.errors import LogUnreadable
from ...storage.event import Event


class EventStage:
    """Follows the stage through a log. Apply every event, in order."""

    def __init__(self) -> None:
        self._stage: str | None = None

    def apply(self, event: Event) -> str | None:
        """Return the stage of `event`: the one it names, or else the stage of the event before it.

        A task is loaded before its stage begins, so its message changes nothing for those that follow.
        """
        if event.kind in CALL_KINDS or not event.data:
            return self._stage
        try:
            stage: str | None = UPCASTERS.payload(event).get("stage") or self._stage
        except LogUnreadable:
            return self._stage
        if event.kind != "task.loaded":
            self._stage = stage
        return stage
