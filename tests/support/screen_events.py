"""What events look like when they are folded: for comparing with what a screen shows."""

from transfer_prompting.orchestration.projections.run_state import RunState, message_for
from transfer_prompting.storage.event import Event


def seen(events: list[Event]) -> RunState:
    """What a run looks like after those events."""
    view = RunState()
    for event in events:
        view.apply(event, message_for(event))
    return view
