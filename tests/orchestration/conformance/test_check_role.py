"""The conformance suite passes correct roles and finds each fault of others."""

from pathlib import Path

import pytest
from program_calls import Tp
from role_making import CRITIC, role_file

from transfer_prompting import RoleRefused, check_role
from transfer_prompting.orchestration.conformance.checking import examine

RULES = 7


def listener(body: str) -> str:
    """Return a role that runs `body` when a stage begins."""
    lines = "\n".join("        " + line for line in body.splitlines())
    return f"""
import asyncio, datetime, os, random, socket, subprocess, time, uuid
from transfer_prompting.agents.messages import StageStarted

class Listener(Role):
    says = (Noted,)

    @message_handler
    async def on_stage(self, message: StageStarted, ctx: MessageContext) -> None:
{lines}
"""


def faults(folder: Path, body: str, patience: float = 20.0) -> str:
    """Return the faults that the suite finds."""
    found = examine(role_file(folder, listener(body)), patience=patience)
    return str(found) if found.faults else ""


def test_the_critic_passes() -> None:
    """A role that follows the rules passes all of them, as a class and as a file."""
    found = check_role(CRITIC["use"])
    assert (len(found.passed), found.faults, found.notes) == (RULES, [], [])


def test_what_the_log_could_not_know(tmp_path: Path) -> None:
    """A role that reads a clock is refused, and the fault names the line."""
    with pytest.raises(RoleRefused, match=r"reads the clock \(time\), mine\.py:\d+"):
        check_role(role_file(tmp_path, listener("time.time()")))


def test_what_is_not_journalled(tmp_path: Path) -> None:
    """A handler that awaits anything but its model is refused."""
    assert "awaited Future while handling stage.started" in faults(tmp_path, "await asyncio.sleep(1)")


def test_hiding_the_error_does_not_help(tmp_path: Path) -> None:
    """A fault is reported even if the handler catches its error."""
    body = "try:\n    time.time()\nexcept Exception:\n    pass"
    assert "reads the clock" in faults(tmp_path, body)


def test_an_undeclared_message(tmp_path: Path) -> None:
    """A message that is not in `says` is reported with the declaration to add."""
    assert "Add it to `says` of Listener" in faults(tmp_path, "await self.tell(message)")


def test_an_endless_handler(tmp_path: Path) -> None:
    """A handler with an endless loop is interrupted."""
    assert "did not end" in faults(tmp_path, "while True:\n    pass", patience=1.0)


def test_talking_to_oneself(tmp_path: Path) -> None:
    """A role that answers its own messages without end is stopped."""
    code = (
        listener("await self.tell(Noted(text='x'))") + "\n    @message_handler\n"
        "    async def on_note(self, message: Noted, ctx: MessageContext) -> None:\n"
        "        await self.tell(message)\n"
    )
    assert "does the role answer itself?" in str(examine(role_file(tmp_path, code)))


def test_an_endless_message(tmp_path: Path) -> None:
    """A message that is too long for a log is reported with its size."""
    assert "a Noted of " in faults(tmp_path, "await self.tell(Noted(text='x' * 300_000))")


def test_the_order_of_a_set(tmp_path: Path) -> None:
    """A dependence on the order of a set is found, because the order differs between processes."""
    body = "await self.tell(Noted(text=' '.join({f'word {i}' for i in range(20)})))"
    assert "PYTHONHASHSEED" in faults(tmp_path, body)


def test_state_that_outlives_the_run(tmp_path: Path) -> None:
    """State that a class keeps between runs is found, because the second run differs."""
    body = (
        "type(self).count = getattr(type(self), 'count', 0) + 1\nawait self.tell(Noted(text=str(self.count)))"
    )
    assert "says the same twice in a row" in faults(tmp_path, body)


def test_a_role_that_trusts_its_model(tmp_path: Path) -> None:
    """A reviewer that fails on an unexpected reply is found."""
    code = """
class Trusting(Reviewer):
    prompt = "PASS or VETO? {{ candidate.text }}"
    sample_replies = ("1 fine", "2 fine")

    async def review(self, request: ReviewRequested) -> None:
        int((await self.ask_about(request)).split()[0])
"""
    found = str(examine(role_file(tmp_path, code)))
    assert "bears any reply of a model: mine" not in found
    assert "bears any reply of a model: trusting/main raised" in found


def test_the_command(tp: Tp, tmp_path: Path) -> None:
    """`tp check-role` lists passed and broken rules, and its status says whether all passed."""
    role_file(tmp_path, listener("time.time()"))
    ended = tp("check-role", "mine.py")
    assert ended.status == 1
    assert "BROKEN  runs to its end, pure and bounded\n        reads the clock (time), mine.py:" in ended.out
    assert tp("check-role", "mine.py:Nobody").status == 2
