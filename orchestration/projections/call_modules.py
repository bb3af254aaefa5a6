"""The module that each call event belongs to: only the requests of programs name it."""

import orjson

from ...storage.event import Event
from .executions import is_inner_request, module_of


class CallModules:
    """Follows the calls of programs through a log. Apply every event, in order."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def apply(self, event: Event) -> str | None:
        """Return the module of `event`, as `module_of` does; None if it is no call of a program."""
        if is_inner_request(event):
            module = module_of(orjson.loads(event.data)["about"]) if event.data else ""
            self._open[event.id] = module
            return module
        if event.kind == "call.finished":
            return self._open.pop(event.cause or "", None)
        return self._open.get(event.cause or "") if event.kind.startswith("call.") else None
