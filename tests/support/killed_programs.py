"""A run of a program in a process that dies, with a model that records what it is asked."""

import subprocess
import sys
from pathlib import Path

from child_processes import child_environment
from program_runs import answer_by_words, carry_out, program_config

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.dispatcher import call_key
from transfer_prompting.storage.event import Event

CARRY = """
import asyncio, sys
from pathlib import Path
from killed_programs import carry_program
from transfer_prompting.storage.crash_points import arm
arm(sys.argv[2], int(sys.argv[3]))
asyncio.run(carry_program(Path(sys.argv[1])))
"""


async def carry_program(folder: Path) -> list[Event]:
    """Begin or resume the run of `folder` up to its end; return the log."""

    def answer(request: ModelRequest) -> str:
        with (folder / "asked").open("a") as notes:
            notes.write(call_key("scripted", request) + "\n")
        return answer_by_words(request)

    config = program_config(folder, rows=6)
    return await carry_out(config, folder, ScriptedModel(answer))


def carry_program_and_die(folder: Path, point: str, visit: int) -> int:
    """Run in another process that dies at the `visit`-th pass of `point`; return its exit status."""
    command = [sys.executable, "-c", CARRY, str(folder), point, str(visit)]
    return subprocess.run(command, env=child_environment(), check=False).returncode
