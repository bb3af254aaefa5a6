"""The state of a run written by hand."""

from console_script import (
    Script,
)

from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState


def seen(script: Script) -> RunState:
    view = RunState()
    for event in script.events:
        view.apply(event, message_for(event))
    return view
