"""Which events a person wants to see: by role, kind, stage, words, and from where on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...agents.call_events import CALL_KINDS
from ...agents.upcasting import UPCASTERS
from ...storage.event import Event
from .lines import message_of, wording


@dataclass(frozen=True)
class Selection:
    """What to show; by default all. Every condition that is given must hold."""

    since: int = 0
    """The first seq that is shown."""
    roles: Sequence[str] = ()
    """Who speaks or is spoken to: "curator", "model/scorer", or "model" for all models."""
    kinds: Sequence[str] = ()
    """Kinds of messages; "*" stands for anything, as in "call.*"."""
    stage: str | None = None
    pattern: re.Pattern[str] | None = None
    """To be found in the words that are shown, in the message as the log stores it, or in its kind."""

    @property
    def calls(self) -> bool:
        """Whether single model calls are wanted, which otherwise are only counted."""
        return any(self._of_kind(kind) for kind in CALL_KINDS) if self.kinds else False

    @property
    def words(self) -> str:
        """The conditions in words; empty where there are none."""
        conditions = [
            f"from seq {self.since}" if self.since else "",
            " or ".join(self.roles),
            " or ".join(self.kinds),
            f"{self.stage} stage" if self.stage else "",
            f"/{self.pattern.pattern}/" if self.pattern else "",
        ]
        return ", ".join(filter(None, conditions))

    def holds(self, event: Event, stage: str | None) -> bool:
        """Whether to show `event`, said in `stage`."""
        return (
            event.seq >= self.since
            and (not self.kinds or self._of_kind(event.kind))
            and (not self.roles or self._of_role(event))
            and (self.stage is None or stage == self.stage)
            and (self.pattern is None or self._found(self.pattern, event))
        )

    def _of_kind(self, kind: str) -> bool:
        return any(fnmatchcase(kind, wanted) for wanted in self.kinds)

    def _of_role(self, event: Event) -> bool:
        names = {
            name for agent in (event.sender, *event.recipients) for name in (agent, agent.partition("/")[0])
        }
        return not names.isdisjoint(self.roles)

    @staticmethod
    def _found(pattern: re.Pattern[str], event: Event) -> bool:
        stored = event.data.decode(errors="replace")
        if pattern.search(stored) or pattern.search(event.kind):
            return True
        return bool(pattern.search(wording(event, message_of(event))))


class Chooser:
    """A selection on its way through a log. Every event goes through it in order: calls name no stage."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self._stage: str | None = None

    def takes(self, event: Event) -> bool:
        """Whether to show the next event."""
        stage = self._stage
        if self.selection.stage is not None and event.kind not in CALL_KINDS and event.data:
            stage = UPCASTERS.payload(event).get("stage") or stage
            if event.kind != "task.loaded":
                self._stage = stage
        return self.selection.holds(event, stage)
