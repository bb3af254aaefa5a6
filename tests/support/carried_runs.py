"""A small run in a process that may die, with a model that records what it is asked."""

from collections import Counter
from pathlib import Path

from forked_programs import run_forked
from tiny_runs import begin, read, reply_by_hash, resume, scripted, tiny_config

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.dispatcher import call_key
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.storage.event import Event

CARRY = """
import asyncio, sys
from pathlib import Path
from carried_runs import carry
from transfer_prompting.storage.crash_points import arm
arm(sys.argv[2], int(sys.argv[3]))
asyncio.run(carry(Path(sys.argv[1])))
"""


def small_config(folder: Path) -> Config:
    """Return a configuration with one step per stage, which makes about fifty calls."""
    config = tiny_config(folder)
    source = config.source.model_copy(update={"steps": 1, "candidates": 2})
    target = config.only_target.model_copy(update={"steps": 1, "candidates": 2})
    return config.model_copy(update={"source": source, "target": target})


def noting(folder: Path) -> ScriptedModel:
    """A model that writes the key of each call to a file before it answers, to outlive the process."""

    def answer(request: ModelRequest) -> str:
        with (folder / "asked").open("a") as notes:
            notes.write(call_key("scripted", request) + "\n")
        return reply_by_hash(request)

    return scripted(answer)


def asked(folder: Path) -> list[str]:
    """Return the key of each call that reached the model, in order."""
    notes = folder / "asked"
    return notes.read_text().split() if notes.exists() else []


def left(folder: Path) -> list[Event]:
    """Return the events that a dead process has left of the run."""
    return read(folder) if (folder / "log.db").exists() else []


async def carry(folder: Path) -> list[Event]:
    """Begin or resume the run of `folder` up to its end; return the log."""
    config = small_config(folder)
    act = resume if left(folder) else begin
    return await act(config, folder, noting(folder))


def carry_and_die(folder: Path, point: str, visit: int) -> int:
    """Run in another process that dies at the `visit`-th pass of `point`; return its exit status."""
    return run_forked(CARRY, folder, point, visit).returncode


def unanswered(events: list[Event]) -> list[Event]:
    """Return the calls that were requested and have no reply."""
    answered = {event.cause for event in events if event.kind == "call.finished"}
    return [event for event in events if event.kind == "call.requested" and event.id not in answered]


def repeated(keys: list[str]) -> set[str]:
    """Return the keys that were asked more than once."""
    return {key for key, times in Counter(keys).items() if times > 1}
