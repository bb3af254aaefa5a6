"""Cost of the calls of programs by module: by the texts that the calls rest on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...storage.event import Event
from .executions import is_inner_request, requested_module
from .role_spending import RoleSpending

REDACTED = "(redacted)"
"""Module of a call whose request was blanked."""


@dataclass(slots=True)
class ModuleSpending(RoleSpending):
    """Cost of the calls that rest on the same texts."""

    calls: int = 0
    """Calls that have a reply."""
    reused: int = 0
    """Replies that were taken from earlier calls, which costs nothing."""
    failures: int = 0
    """Number of times a call ended without a reply."""
    seconds: float = 0.0
    """Sum of the seconds from sending to reply."""


class ModuleCosts:
    """The calls of programs by module. `Spending` charges their tokens and their money, as those of roles.

    What was under way when a run was cut off is charged to the role alone: nobody knows which calls were
    sent.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, ModuleSpending] = {}
        """Module -> cost; a module of several texts is called "first+second"."""
        self._modules: dict[str, str] = {}
        """Open call of a program -> its module."""

    def request(self, event: Event) -> None:
        """Take in a `call.requested` event."""
        if is_inner_request(event):
            self._modules[event.id] = requested_module(event) or REDACTED

    def reply(self, call: str, data: Mapping[str, Any]) -> None:
        """Count the reply to a call; `data` is its payload, empty if it was redacted."""
        if module := self.of(call):
            module.calls += 1
            module.reused += bool(data.get("reused"))
            module.seconds += 0.0 if data.get("reused") else data.get("latency", 0.0)

    def failure(self, call: str) -> None:
        """Count a failure of a call."""
        if module := self.of(call):
            module.failures += 1

    def close(self, call: str) -> None:
        """Forget a call that has its outcome."""
        self._modules.pop(call, None)

    def of(self, call: str) -> ModuleSpending | None:
        """Return the module of a call; None if no program has made it."""
        name = self._modules.get(call)
        return None if name is None else self.by_name.setdefault(name, ModuleSpending())
