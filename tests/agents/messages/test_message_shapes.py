"""A message never changes its shape unnoticed, because logs that hold it must stay readable."""

import json
from typing import Any, Literal

import pytest
from frozen_logs import shape, shapes

from transfer_prompting.agents.messages import Message, RunFailed
from transfer_prompting.agents.messages.codec import KINDS
from transfer_prompting.agents.upcasting import UPCASTERS

RECORDED = shapes()
RECORD = "Once its fields are final, record it: python tests/support/record_frozen.py"


def differences(was: Any, now: Any, place: str = "") -> list[str]:
    """Return one line for each place at which two shapes differ, with both values."""
    if isinstance(was, dict) and isinstance(now, dict):
        keys = [*was, *(key for key in now if key not in was)]
        return [d for key in keys for d in differences(was.get(key), now.get(key), f"{place}/{key}")]
    return [] if was == now else [f"{place}: {json.dumps(was)} became {json.dumps(now)}"]


@pytest.mark.parametrize("kind", RECORDED)
def test_a_recorded_kind_stays(kind: str) -> None:
    """A kind that is in the logs of users keeps its class, even if no role sends it any more."""
    assert kind in KINDS, f"{kind} is in logs that exist: keep its class, even if no role sends it any more."


@pytest.mark.parametrize("kind", KINDS)
def test_recorded(kind: str) -> None:
    """Every kind is recorded with its newest schema, because nothing else guards its shape."""
    assert kind in RECORDED, f"{kind} is new. {RECORD}"
    schema = KINDS[kind].SCHEMA
    assert str(schema) in RECORDED[kind], f"{kind} has a new schema, {schema}. {RECORD}"


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if str(KINDS[kind].SCHEMA) in RECORDED.get(kind, {})]
)
def test_shape_stays(kind: str) -> None:
    """A message is stored in the shape that was recorded for its schema."""
    cls = KINDS[kind]
    changed = "\n  ".join(differences(RECORDED[kind][str(cls.SCHEMA)], shape(cls)))
    assert not changed, (
        f"{cls.__name__} changed its shape without a new SCHEMA:\n  {changed}\n"
        f"Set SCHEMA = {cls.SCHEMA + 1} in the class, and register the step from {cls.SCHEMA} in "
        f"agents/upcasting.py (docs/schema-evolution.md says how). {RECORD}"
    )


@pytest.mark.parametrize("kind", RECORDED)
def test_every_recorded_schema_has_a_step(kind: str) -> None:
    """Every schema that was ever written has a step to the next one, up to the newest."""
    assert set(RECORDED[kind]) <= {str(n) for n in range(1, UPCASTERS.newest(kind) + 1)}


class Renamed(RunFailed):
    """RunFailed with one more field."""

    kind: Literal["run.failed"] = "run.failed"
    advice: str = ""


class Described(Message):
    """RunFailed with other descriptions of the same fields."""

    kind: Literal["run.failed"] = "run.failed"
    cause: str
    error: str
    count: int
    """Another description."""


def test_changes_are_seen() -> None:
    """A new field is a change, even with a default, and is named; another description is no change."""
    found = differences(shape(RunFailed), shape(Renamed))
    assert any("/properties/advice" in line for line in found)
    assert any(line.startswith("/order") for line in found)
    assert not differences(shape(RunFailed), shape(Described))
