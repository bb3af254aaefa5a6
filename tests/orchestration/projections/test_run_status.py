"""Notes that are added later say nothing of how long a run took or how it ended."""

from console_script import SECOND, Script

from transfer_prompting.agents.messages import EventRedacted, ForkMade, RunFailed, RunResumed
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.storage.event import Event

DAY = 86_400 * SECOND
REDACTED = EventRedacted(event="e3", seq=3, sha256="00", size=1, reason="private")
FAILED = RunFailed(cause="timeout", error="no answer", count=1)


def _view(events: list[Event]) -> RunState:
    view = RunState()
    for event in events:
        view.apply(event, message_for(event))
    return view


def test_notes_behind_the_end() -> None:
    """A fork or a redaction a day later leaves the seconds and the last moment of a run as they were."""
    script = Script()
    script.say("user", RunResumed(reissued=(), versions={}))
    script.say("runtime", FAILED, after=2 * SECOND)
    before = _view(script.events)
    script.say("user", ForkMade(fork="other", at=9), after=DAY)
    script.say("user", REDACTED, after=DAY)
    after = _view(script.events)
    assert (after.elapsed, after.status) == (before.elapsed, "failed") == (2, "failed")
    assert (after.last, after.events) == (before.last, 4)


def test_a_note_in_the_midst() -> None:
    """A note between two events of a run takes no time from it: the time between them counts once."""
    script = Script()
    script.say("runtime", FAILED)
    script.say("user", ForkMade(fork="other", at=1), after=DAY)
    script.say("user", RunResumed(reissued=(), versions={}), after=DAY)
    script.say("user", ForkMade(fork="third", at=1), after=SECOND)
    script.say("runtime", FAILED, after=2 * SECOND)
    assert _view(script.events).elapsed == 3
