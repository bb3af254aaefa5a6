"""What a run came to, without reading its calls one by one: they are nearly all of a long log."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ...agents.call_events import CALL_KINDS, count_answered
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from .reply_sums import ReplySum, reply_sums

if TYPE_CHECKING:
    from ...storage.event import Event
    from .run_state import RunState


def outline(reader: Reader, run: str) -> "RunState":
    """The view of all that the log holds of `run`, but for how far its calls under way are.

    While the database adds up the replies, which takes it longest, the messages are read. Raises
    `LogUnreadable` where one of them cannot be.
    """
    last = reader.last(run)
    version = last.version if last else 0
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(_add_up, reader.place, run, version)
        # Here, since it takes long to load.
        from ...agents.upcasting import UPCASTERS
        from .partial_decode import glance
        from .run_state import RunState, message_for

        view, said = RunState(), 0
        for event in reader.read(run, without=CALL_KINDS):
            # What came after `last` belongs to the next look at the run.
            if event.version <= version:
                _pass_time(view, reader.before(event) if _comes_late(event) else None)
                view.feed(event, glance(event, message_for))
                said += 1
        _pass_time(view, last)
        sums = adding.result()
    if any(replies.schema != UPCASTERS.newest("call.finished") for replies in sums):
        return _folded(reader, run)
    lost, asked = view.calls.lost, version - said - sum(replies.replies for replies in sums)
    view.add_up(asked, sums, open_and_lost=len(lost) - count_answered(reader, run, lost, version))
    return view


def _add_up(place: Place, run: str, version: int) -> list[ReplySum]:
    with open_reader(place) as reader:
        return reply_sums(reader, run, version)


def _comes_late(event: "Event") -> bool:
    """Whether the run had stopped before this, so that its last event then may be a call."""
    from .run_status import NOTES

    return event.kind == "run.resumed" or event.kind in NOTES


def _pass_time(view: "RunState", event: "Event | None") -> None:
    if event is not None and event.kind in CALL_KINDS:
        view.pass_time(event)


def _folded(reader: Reader, run: str) -> "RunState":
    """The same, event by event: the database does not know how to read what an older version wrote."""
    from .run_state import RunState, message_for

    view = RunState()
    for event in reader.read(run):
        view.feed(event, message_for(event))
    return view
