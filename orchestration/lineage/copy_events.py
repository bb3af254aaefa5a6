"""Copy the events of a run under the name of another run, with newly derived ids."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import orjson

from ...storage.errors import LogUnreadable
from ...storage.event import Draft, Event, event_id
from ..projections.run_status import NOTES

_LATER = 1_000_000
"""First ordinal of resumptions and failures in the logs of earlier versions."""
_NAMING = {"call.finished": "reused", "run.resumed": "reissued", "handler.failed": "event"}
"""The kinds from outside whose data name other events of the run, with the field that names them."""


class Copier:
    """Copies the events of one run, beginning with the first, as drafts of the run `name`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ids: dict[str, str] = {}
        self._counts: Counter[tuple[str | None, str]] = Counter()

    def copy(self, events: Iterable[Event]) -> Iterator[tuple[Event, Draft]]:
        """Yield each event with its draft. Notes are left out, because they concern the original run.

        Raises `LogUnreadable` if an id does not derive from the run, the cause and the sender.
        """
        for event in events:
            if event.kind not in NOTES:
                yield event, self._draft(event)

    def _draft(self, event: Event) -> Draft:
        cause = self._ids.get(event.cause) if event.cause is not None else None
        id_ = event_id(self._name, cause, event.sender, *self._ordinal(event))
        self._ids[event.id] = id_
        return Draft(
            run=self._name,
            id=id_,
            kind=event.kind,
            schema=event.schema,
            sender=event.sender,
            recipients=event.recipients,
            cause=cause,
            data=self._data(event),
        )

    def _ordinal(self, event: Event) -> tuple[int, str]:
        """Return the ordinal and the kind from which the id of an event was derived.

        The kind is empty if the id leaves it out, as all do in logs of earlier versions.
        """
        key = (event.cause, event.sender)
        likely, most = self._counts[key], len(self._ids) + 2
        self._counts[key] += 1
        for ordinal in chain([likely], range(16), range(_LATER, _LATER + most), range(most)):
            for kind in ("", event.kind):
                if event_id(event.run, event.cause, event.sender, ordinal, kind) == event.id:
                    return ordinal, kind
        raise LogUnreadable(
            f"The id of seq {event.seq} does not derive from run {event.run}, its cause and its sender, as "
            "the ids of this program do. The run cannot be copied under another name."
        )

    def _data(self, event: Event) -> bytes:
        """Return the data with the ids in them replaced."""
        field = _NAMING.get(event.kind)
        if field is None:
            return event.data
        data = event.data
        for old in _named(event, field):
            # Replaced in the bytes, so that every other byte stays the same.
            data = data.replace(f'"{old}"'.encode(), f'"{self._ids.get(old, old)}"'.encode())
        return data


def _named(event: Event, field: str) -> list[str]:
    """Return the ids in a field of the data. Raise `LogUnreadable` if they cannot be read."""
    try:
        named = orjson.loads(event.data)[field] if event.data else None
    except KeyError:
        return []
    except (ValueError, TypeError) as error:
        raise LogUnreadable(f"Event seq {event.seq} ({event.kind}) cannot be read: {error}") from error
    found = named if isinstance(named, list) else [named]
    return [one for one in found if isinstance(one, str)]
