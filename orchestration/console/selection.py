"""The selection of events to show: by role, kind, stage, module, text, and starting point."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...agents.call_events import CALL_KINDS, module_names
from ...agents.stage_names import stage_target, within
from ...storage.event import Event
from ..projections.call_modules import CallModules
from ..projections.decoding import any_message
from ..projections.event_stage import EventStage
from .lines import wording


@dataclass(frozen=True)
class Selection:
    """The conditions that a shown event must meet, all of them; without conditions everything is shown."""

    since: int = 0
    """Seq of the first event that is shown."""
    roles: Sequence[str] = ()
    """Senders or recipients: "curator", "model/scorer", or "model" for all models."""
    kinds: Sequence[str] = ()
    """Kinds of messages; "*" stands for any characters, as in "call.*"."""
    stage: str | None = None
    """Stage of the search, such as "target"."""
    modules: Sequence[str] = ()
    """Texts of a program: only its calls that rest on one of them. Calls of a role alone bear its name."""
    pattern: re.Pattern[str] | None = None
    """Searched for in the text on the screen, in the message as stored, and in its kind."""

    @property
    def calls(self) -> bool:
        """Return whether single model calls are shown; by default they are only counted."""
        if not self.kinds:
            return bool(self.modules)
        return any(self._is_selected_kind(kind) for kind in CALL_KINDS)

    @property
    def folds(self) -> bool:
        """Return whether what is said alike may be one line: not if somebody looks for certain messages."""
        return not (self.kinds or self.modules or self.pattern)

    @property
    def words(self) -> str:
        """Return the conditions as text, or an empty string if there are none."""
        conditions = [
            f"from seq {self.since}" if self.since else "",
            " or ".join(self.roles),
            " or ".join(self.kinds),
            f"{self.stage} stage" if self.stage else "",
            f"module {' or '.join(self.modules)}" if self.modules else "",
            f"/{self.pattern.pattern}/" if self.pattern else "",
        ]
        return ", ".join(filter(None, conditions))

    def holds(self, event: Event, stage: str | None, module: str | None = None) -> bool:
        """Return whether `event`, which belongs to `stage` and as a program's call to `module`, is shown."""
        return (
            event.seq >= self.since
            and (not self.kinds or self._is_selected_kind(event.kind))
            and (not self.roles or self._has_selected_role(event))
            and (self.stage is None or _is_of(stage, self.stage))
            and (not self.modules or not set(module_names(module or "")).isdisjoint(self.modules))
            and (self.pattern is None or self._is_found(self.pattern, event))
        )

    def _is_selected_kind(self, kind: str) -> bool:
        return any(fnmatchcase(kind, pattern) for pattern in self.kinds)

    def _has_selected_role(self, event: Event) -> bool:
        names = {
            name for agent in (event.sender, *event.recipients) for name in (agent, agent.partition("/")[0])
        }
        return not names.isdisjoint(self.roles)

    @staticmethod
    def _is_found(pattern: re.Pattern[str], event: Event) -> bool:
        stored = event.data.decode(errors="replace")
        if pattern.search(stored) or pattern.search(event.kind):
            return True
        return bool(pattern.search(wording(event, any_message(event))))


class Chooser:
    """Applies a selection to a log. It must see every event, in order, because calls name no stage."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self._stages = EventStage()
        self._modules = CallModules()

    def takes(self, event: Event) -> bool:
        """Return whether to show the next event."""
        # Reading the stage means parsing the payload, so it is read only if the selection asks for it.
        stage = self._stages.apply(event) if self.selection.stage is not None else None
        module = self._modules.apply(event) if self.selection.modules else None
        return self.selection.holds(event, stage, module)


def _is_of(stage: str | None, chosen: str) -> bool:
    """Return whether a stage is the `chosen` one, or one of that kind for any of several targets."""
    return stage is not None and chosen in (stage, within(stage, stage_target(stage)))
