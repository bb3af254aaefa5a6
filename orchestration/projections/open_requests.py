"""The requests of a run that have no outcome yet, with the attempts at them that are known to have failed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from ...agents.messages import CallAttempted
from ...agents.models.base import ModelRequest
from ...storage.event import Event

FindRequests = Callable[[Iterable[str]], Iterable[Event]]
"""Returns the `call.requested` events with given ids."""


@dataclass(frozen=True, slots=True)
class InterruptedCall:
    """A call that was under way, or waiting, when the run was cut off."""

    role: str
    request: ModelRequest
    attempted: CallAttempted | None
    """Attempts that had failed by then, if any."""


class OpenRequests:
    """Keeps the calls without an outcome.

    `find` is needed only if `call.requested` events are not applied.
    """

    def __init__(self, find: FindRequests | None = None) -> None:
        self._find = find
        self._payloads: dict[str, bytes] = {}
        self._attempted: dict[str, CallAttempted] = {}
        self._failed: set[str] = set()
        """Calls that have failed since the run was last resumed: nothing is under way for them."""
        self.probes: dict[str, CallAttempted] = {}
        """Failed attempts at the probes that have no result yet, by role."""

    @property
    def calls(self) -> tuple[str, ...]:
        """The ids of the open calls whose requests were applied."""
        return tuple(self._payloads)

    def request(self, event: Event) -> None:
        """Take in a `call.requested` event."""
        self._payloads[event.id] = event.data

    def attempt(self, call: str, message: CallAttempted) -> None:
        """Note that an attempt at a call, or at a probe that it caused, has failed."""
        if message.probe:
            self.probes[message.model] = message
        else:
            self._attempted[call] = message

    def fail(self, call: str, *, final: bool) -> None:
        """Note that a call has failed; unless the failure is final, the call stays open."""
        self._attempted.pop(call, None)
        if final:
            self._payloads.pop(call, None)
        else:
            self._failed.add(call)

    def finish(self, call: str) -> None:
        """Note that a call has a reply."""
        self._payloads.pop(call, None)
        self._attempted.pop(call, None)
        self._failed.discard(call)

    def resume(self) -> None:
        """Note that all open calls are made again."""
        self._failed.clear()
        self._attempted.clear()
        self.probes.clear()

    def find(self, call: str) -> tuple[str, ModelRequest] | None:
        """Return the role and the request of a call; None if the request was redacted."""
        return next((_read(payload) for _, payload in self._payloads_of([call])), None)

    def interrupted(self, calls: Sequence[str]) -> Iterator[InterruptedCall]:
        """Yield those of `calls` that had not failed when the run was cut off; redacted ones are left out."""
        for call, payload in self._payloads_of([call for call in calls if call not in self._failed]):
            yield InterruptedCall(*_read(payload), self._attempted.get(call))

    def _payloads_of(self, calls: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        found = [(call, self._payloads[call]) for call in calls if call in self._payloads]
        missing = [call for call in calls if call not in self._payloads]
        if missing and self._find is not None:
            found += [(event.id, event.data) for event in self._find(missing)]
        yield from ((call, payload) for call, payload in found if payload)


def _read(payload: bytes) -> tuple[str, ModelRequest]:
    data = orjson.loads(payload)
    return data["model"], ModelRequest.model_validate(data["request"])
