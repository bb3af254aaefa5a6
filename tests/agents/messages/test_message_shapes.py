"""A message never changes its shape unnoticed: what is in somebody's log must stay readable."""

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
    """Where two shapes differ, each place with both values."""
    if isinstance(was, dict) and isinstance(now, dict):
        keys = [*was, *(key for key in now if key not in was)]
        return [d for key in keys for d in differences(was.get(key), now.get(key), f"{place}/{key}")]
    return [] if was == now else [f"{place}: {json.dumps(was)} became {json.dumps(now)}"]


@pytest.mark.parametrize("kind", RECORDED)
def test_shape_stays(kind: str) -> None:
    """A recorded message is stored in the shape that was recorded for its schema."""
    assert kind in KINDS, f"{kind} is in logs that people have: its class must stay, even if nobody says it."
    cls = KINDS[kind]
    was = RECORDED[kind].get(str(cls.SCHEMA))
    if was is None:
        pytest.skip(f"{kind} has a new schema, {cls.SCHEMA}. Is it finished? {RECORD}")
    changed = "\n  ".join(differences(was, shape(cls)))
    assert not changed, (
        f"{cls.__name__} changed its shape without a new SCHEMA:\n  {changed}\n"
        f"Set SCHEMA = {cls.SCHEMA + 1} in the class, and register the step from {cls.SCHEMA} in "
        f"agents/upcasting.py (docs/schema-evolution.md says how). {RECORD}"
    )


@pytest.mark.parametrize("kind", RECORDED)
def test_every_recorded_schema_has_a_step(kind: str) -> None:
    """From every schema that was ever written there is a step to the next, up to the newest."""
    assert set(RECORDED[kind]) <= {str(n) for n in range(1, UPCASTERS.newest(kind) + 1)}


@pytest.mark.parametrize("kind", KINDS)
def test_recorded(kind: str) -> None:
    """A new kind is welcome; until it is recorded nothing holds its shape, and this test says so."""
    if kind not in RECORDED:
        pytest.skip(f"{kind} is new. Is it finished? {RECORD}")


class Renamed(RunFailed):
    """A message as RunFailed, and a field more."""

    kind: Literal["run.failed"] = "run.failed"
    advice: str = ""


class Described(Message):
    """Other words about the same fields."""

    kind: Literal["run.failed"] = "run.failed"
    cause: str
    error: str
    count: int
    """Told in another way."""


def test_changes_are_seen() -> None:
    """A further field is a change, even one with a default, and the report names it; other words are none."""
    found = differences(shape(RunFailed), shape(Renamed))
    assert any("/properties/advice" in line for line in found)
    assert any(line.startswith("/order") for line in found)
    assert not differences(shape(RunFailed), shape(Described))
