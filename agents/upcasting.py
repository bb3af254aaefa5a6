"""Old payloads in the shape of today: lifted as they are read, while the stored bytes stay as they are.

When a message changes its shape, its `SCHEMA` goes up by one and a step is registered here that turns a
payload of the version before into one of the next:

    @UPCASTERS.step("prompt.scored", 1)
    def _name_the_split(old: Payload) -> Payload:
        return {**old, "split": "dev"}

Steps are pure: the same payload always gives the same result, without a clock, a file or a guess.
"""

from collections.abc import Callable
from typing import Any

import orjson

from ..storage.errors import LogUnreadable
from ..storage.event import Event
from ..storage.redaction import PayloadRedacted, is_redacted

Payload = dict[str, Any]
Step = Callable[[Payload], Payload]


class Upcasters:
    """The steps of every kind: (kind, schema) -> the function that lifts that schema to the next."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int], Step] = {}
        self._newest: dict[str, int] = {}

    def step(self, kind: str, schema: int) -> Callable[[Step], Step]:
        """Register the decorated function as the step from `schema` to the next; there is one of each."""

        def register(step: Step) -> Step:
            if self._steps.setdefault((kind, schema), step) is not step:
                raise ValueError(f"There is already a step for {kind} from schema {schema}.")
            self._newest[kind] = max(self.newest(kind), schema + 1)
            return step

        return register

    def newest(self, kind: str) -> int:
        """The schema that the steps of `kind` lead to; 1 where there are none."""
        return self._newest.get(kind, 1)

    def lift(self, event: Event, wanted: int) -> Payload:
        """The payload of `event` in the schema `wanted`.

        Raises `LogUnreadable`, naming the seq, for a later schema than that, for one without a step, and
        for data that are no JSON object or not of the schema that they claim; `PayloadRedacted` for none.
        """
        if event.schema > wanted:
            raise LogUnreadable(
                f"Event seq {event.seq} ({event.kind}) has schema {event.schema}, and this version knows "
                f"schemas up to {wanted}. It was written by a later version: upgrade to read it."
            )
        payload = _parsed(event)
        for schema in range(event.schema, wanted):
            step = self._next(event, schema)
            try:
                payload = step(payload)
            except (LookupError, TypeError, ValueError) as error:
                raise LogUnreadable(
                    f"Event seq {event.seq} ({event.kind}) cannot be lifted from schema {schema}: {error!r}"
                ) from error
        return payload

    def payload(self, event: Event) -> Payload:
        """As `lift`, to the newest schema; for readers that need a few fields and no message."""
        return self.lift(event, self.newest(event.kind))

    def _next(self, event: Event, schema: int) -> Step:
        step = self._steps.get((event.kind, schema))
        if step is None:
            raise LogUnreadable(
                f"Event seq {event.seq} ({event.kind}) has schema {event.schema}, and nothing here lifts "
                f"schema {schema} to {schema + 1}. Read it with the version that wrote it."
            )
        return step


def _parsed(event: Event) -> Payload:
    if is_redacted(event):
        raise PayloadRedacted(event)
    try:
        payload = orjson.loads(event.data)
    except ValueError as error:
        raise LogUnreadable(f"Event seq {event.seq} ({event.kind}) cannot be read: {error}") from error
    if not isinstance(payload, dict):
        raise LogUnreadable(f"Event seq {event.seq} ({event.kind}) cannot be read: it is no JSON object.")
    return payload


UPCASTERS = Upcasters()
"""The steps of this version: none yet, since every message still has its first shape."""
