"""The live view says in one line which module of a program costs how much."""

from rich.console import Console
from system_runs import RUN, system_log

from transfer_prompting.orchestration.console.status_panel import status_panel
from transfer_prompting.orchestration.projections.cost_breakdown import by_module
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.storage.sqlite.reader import LogReader


def panel(state: RunState) -> list[str]:
    console = Console(width=160)
    with console.capture() as shown:
        console.print(status_panel(state, 160, 40))
    return shown.get().splitlines()


def test_one_line_for_the_modules() -> None:
    """The line names each module with its share and its tokens; before any call there is none."""
    state = RunState()
    assert not [line for line in panel(state) if line.startswith("modules")]
    with LogReader(system_log()) as reader:
        for event in reader.read(RUN):
            state.apply(event, message_for(event))
    [line] = [line for line in panel(state) if line.startswith("modules")]
    for cost in by_module(state.spending):
        assert f"{cost.module} " in line
        assert f"({cost.tokens:,} tokens" in line
