"""The shape of a message never changes unnoticed, because existing logs must stay readable."""

import json
from typing import Any, Literal

import pytest
from frozen_logs import shape, shapes

from transfer_prompting.agents.messages import Message, RunFailed
from transfer_prompting.agents.messages.codec import KINDS
from transfer_prompting.agents.upcasting import UPCASTERS

RECORDED = shapes()
RECORD = "Then record it: python tests/support/record_frozen.py"


def differences(was: Any, now: Any, place: str = "") -> list[str]:
    """Return the places at which two shapes differ, each with both values."""
    if isinstance(was, dict) and isinstance(now, dict):
        keys = [*was, *(key for key in now if key not in was)]
        return [d for key in keys for d in differences(was.get(key), now.get(key), f"{place}/{key}")]
    return [] if was == now else [f"{place}: {json.dumps(was)} became {json.dumps(now)}"]


@pytest.mark.parametrize("kind", RECORDED)
def test_shape_stays(kind: str) -> None:
    """A message has the shape that was recorded for its schema."""
    assert kind in KINDS, f"{kind} is in existing logs: its class must stay, even if it is no longer sent."
    cls = KINDS[kind]
    was = RECORDED[kind].get(str(cls.SCHEMA))
    assert was is not None, f"{kind} has a new schema, {cls.SCHEMA}. Is it finished? {RECORD}"
    changed = "\n  ".join(differences(was, shape(cls)))
    assert not changed, (
        f"{cls.__name__} changed its shape without a new SCHEMA:\n  {changed}\n"
        f"Set SCHEMA = {cls.SCHEMA + 1} in the class, and register the step from {cls.SCHEMA} in "
        f"agents/upcasting.py (docs/schema-evolution.md says how). {RECORD}"
    )


@pytest.mark.parametrize("kind", RECORDED)
def test_every_recorded_schema_has_a_step(kind: str) -> None:
    """Every recorded schema but the newest has a step to the next."""
    assert set(RECORDED[kind]) <= {str(n) for n in range(1, UPCASTERS.newest(kind) + 1)}


@pytest.mark.parametrize("kind", KINDS)
def test_recorded(kind: str) -> None:
    """Every kind of message has a recorded shape."""
    assert kind in RECORDED, f"{kind} is new. Is it finished? {RECORD}"


class Extended(RunFailed):
    """RunFailed with one more field."""

    kind: Literal["run.failed"] = "run.failed"
    advice: str = ""


class Described(Message):
    """RunFailed with other docstrings."""

    kind: Literal["run.failed"] = "run.failed"
    cause: str
    error: str
    count: int
    """A different docstring."""


def test_changes_are_seen() -> None:
    """An additional field is reported as a change, even with a default; other docstrings are not."""
    found = differences(shape(RunFailed), shape(Extended))
    assert any("/properties/advice" in line for line in found)
    assert any(line.startswith("/order") for line in found)
    assert not differences(shape(RunFailed), shape(Described))
