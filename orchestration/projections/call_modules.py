"""The module that each call event belongs to: only the requests of programs name it."""

from ...storage.event import Event
from .executions import is_inner_request, requested_module


class CallModules:
    """Follows the calls of programs through a log. Apply every event, in order."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def apply(self, event: Event) -> str | None:
        """Return the module of `event`, as `module_of` does; None if it is no call of a program."""
        if is_inner_request(event):
            module = requested_module(event)
            self._open[event.id] = module
            return module
        if event.kind == "call.finished":
            return self._open.pop(event.cause or "", None)
        return self._open.get(event.cause or "") if event.kind.startswith("call.") else None
