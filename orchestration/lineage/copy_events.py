"""The events of a run under the name of another: the same conversation, every id derived anew."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from ...storage.errors import LogUnreadable
from ...storage.event import Draft, Event, event_id
from ..projections.run_status import NOTES

_LATER = 1_000_000
"""Where the places of resumptions and failures begin among what the user and the runtime say."""
_NAMING = {"call.finished": "reused", "run.resumed": "reissued", "handler.failed": "event"}
"""The kinds from outside whose data name other events of the run, and the field that does."""


class Copier:
    """Copies the events of one run, from its first on, as drafts of the run called `name`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ids: dict[str, str] = {}
        self._said: Counter[tuple[str | None, str]] = Counter()

    def copy(self, events: Iterable[Event]) -> Iterator[tuple[Event, Draft]]:
        """Each event with its draft. Notes are left out: they are about the run that they stand in.

        Raises `LogUnreadable` where an id does not follow from the run, the cause and the sender.
        """
        for event in events:
            if event.kind not in NOTES:
                yield event, self._draft(event)

    def _draft(self, event: Event) -> Draft:
        cause = self._ids.get(event.cause) if event.cause is not None else None
        id_ = event_id(self._name, cause, event.sender, self._place(event))
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

    def _place(self, event: Event) -> int:
        """The place of a message among what its sender said: the number from which its id was made."""
        key = (event.cause, event.sender)
        likely, most = self._said[key], len(self._ids) + 2
        self._said[key] += 1
        for place in chain([likely], range(_LATER, _LATER + most), range(most)):
            if event_id(event.run, event.cause, event.sender, place) == event.id:
                return place
        raise LogUnreadable(
            f"The id of seq {event.seq} does not follow from run {event.run}, its cause and its sender, as "
            "the ids of this program do. The run cannot be copied under another name."
        )

    def _data(self, event: Event) -> bytes:
        """The data as they are, but for the ids in them."""
        field = _NAMING.get(event.kind)
        if field is None:
            return event.data
        named = json.loads(event.data).get(field) or ()
        data = event.data
        for old in (named,) if isinstance(named, str) else named:
            # Replaced in the bytes, so that all the rest stays to the byte.
            data = data.replace(f'"{old}"'.encode(), f'"{self._ids.get(old, old)}"'.encode())
        return data
