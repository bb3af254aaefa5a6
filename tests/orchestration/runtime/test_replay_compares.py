"""A replay compares every field of an agent's message, and its data byte for byte."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import begin, copy_prefix, reenact, scripted, tiny_config

from transfer_prompting.orchestration.errors import ReplayDivergence
from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """Return the log of a run up to the message that opens the first stage."""
    folder = tmp_path_factory.mktemp("whole")
    events = asyncio.run(begin(tiny_config(folder), folder, scripted()))
    return events[: next(i for i, event in enumerate(events) if event.kind == "stage.started") + 1]


def _otherwise(event: Event, field: str) -> Draft:
    """Return `event` with another value in one field."""
    told = ("run", "id", "kind", "schema", "sender", "recipients", "cause", "data")
    said: dict[str, Any] = {name: getattr(event, name) for name in told}
    other = {
        "id": event.id[::-1],
        "schema": event.schema + 1,
        "recipients": (*event.recipients, "scorer/main"),
        "cause": None,
        # An additional blank is the same JSON, but another message.
        "data": event.data.replace(b":", b": ", 1),
    }
    return Draft(**{**said, field: other[field]})


@pytest.mark.parametrize("field", ["id", "schema", "recipients", "cause", "data"])
async def test_every_field_counts(tmp_path: Path, whole: list[Event], field: str) -> None:
    """A message that differs in a single field ends the replay with its seq."""
    *before, said = whole
    await copy_prefix(before, tmp_path)
    log = await EventLog.open(tmp_path / "log.db")
    await log.append([_otherwise(said, field)])
    await log.close()
    with pytest.raises(ReplayDivergence) as caught:
        await reenact(tmp_path)
    assert caught.value.seq == said.seq


async def test_an_additional_message(tmp_path: Path, whole: list[Event]) -> None:
    """An additional message ends the replay, too."""
    *_, said = whole
    await copy_prefix(whole, tmp_path)
    assert await reenact(tmp_path) == len(whole)
    other = tmp_path / "other"
    other.mkdir()
    # After the opening, before the agents have received the tasks.
    at = next(i for i, event in enumerate(whole) if event.kind == "task.loaded")
    await copy_prefix([*whole[:at], said], other)
    with pytest.raises(ReplayDivergence, match="the agents now say nothing"):
        await reenact(other)
