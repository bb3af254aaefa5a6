"""The state that events add up to, for comparison with a screen."""

from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.storage.event import Event


def seen(events: list[Event]) -> RunState:
    """Return the state of a run after those events."""
    view = RunState()
    for event in events:
        view.apply(event, message_for(event))
    return view
