"""State of a run without reading its calls one by one: they are nearly all of a long log."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ...agents.call_events import CALL_KINDS, count_answered
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from .reply_sums import ReplySum, reply_sums, unsettled_attempts

if TYPE_CHECKING:
    from .run_state import RunState


def summarised(reader: Reader, run: str) -> "RunState":
    """Return the state after all events of `run`.

    The messages are read while the database sums the replies, which takes longest. All is there but the
    progress of the races under way. Raises `LogUnreadable` if a message cannot be decoded.
    """
    last = reader.last(run)
    version = last.version if last else 0
    with ThreadPoolExecutor(1) as pool:
        summing = pool.submit(_sums, reader.place, run, version)
        # Imported only now: loading the messages takes as long as the database does.
        from ...agents.upcasting import UPCASTERS
        from .decoding import message_for
        from .executions import EXECUTOR
        from .partial_decode import partly_decoded
        from .run_clock import last_before
        from .run_state import RunState
        from .run_status import NOTES

        state, messages = RunState(lambda calls: reader.with_ids(run, calls)), 0
        for event in reader.read(run, without=CALL_KINDS):
            # What was committed after `last` belongs to the next look at the run.
            if event.version <= version:
                if event.kind == "run.resumed" and (before := last_before(reader, event)) is not None:
                    state.clock.apply(before)
                state.apply(event, partly_decoded(event, message_for))
                messages += 1
        if last is not None:
            before = last_before(reader, last) if last.kind in NOTES else last
            if before is not None:
                state.clock.apply(before)
        sums, unsettled = summing.result()
    if any(replies.schema != UPCASTERS.newest("call.finished") for replies in sums):
        return folded(reader, run)
    failed = state.calls.without_outcome
    requested = version - messages - sum(replies.replies for replies in sums)
    if state.programs:
        requested -= reader.count_sent(run, "call.requested", EXECUTOR, version)
    open_failed = len(failed) - count_answered(reader, run, failed, version)
    state.apply_sums(requested, sums, open_failed, unsettled)
    return state


def _sums(place: Place, run: str, version: int) -> tuple[list[ReplySum], dict[str, int]]:
    """Return the sums of the replies, and the attempts without a reply before them, by call."""
    with open_reader(place) as reader:
        sums = reply_sums(reader, run, version)
        return sums, unsettled_attempts(reader, run, version) if any(s.unsettled for s in sums) else {}


def folded(reader: Reader, run: str) -> "RunState":
    """Return the state event by event, if the database cannot sum up what is read."""
    from .decoding import message_for
    from .run_state import RunState

    state = RunState()
    for event in reader.read(run):
        state.apply(event, message_for(event))
    return state
