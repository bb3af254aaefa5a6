"""The state of a scripted run."""

from console_script import (
    Script,
)

from transfer_prompting.orchestration.projections.run_state import RunView, message_for


def seen(script: Script) -> RunView:
    view = RunView()
    for event in script.events:
        view.feed(event, message_for(event))
    return view
