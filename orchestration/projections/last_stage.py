"""The end of the last stage of a run, from its payload alone: `tp best` must start without pydantic."""

from typing import Any

from ...agents.stage_names import is_kind
from ...agents.upcasting import UPCASTERS
from ...storage.errors import UnknownRun
from ...storage.hints import command
from ...storage.reader import Reader


def last_stage(run: str, reader: Reader) -> dict[str, Any]:
    """Return the payload that ended the last stage, apart from the control, whose prompts are not for use.

    Raise `UnknownRun` if no stage has ended.
    """
    closed = [UPCASTERS.payload(event) for event in reader.read(run, kinds=("stage.finished",))]
    stages = [stage for stage in closed if not is_kind(stage["stage"], "control")]
    if not stages:
        raise UnknownRun(
            f"No stage of run {run} has ended, so there is no best prompt yet. "
            f"`{command('resume', run)}` continues the run."
        )
    return stages[-1]
