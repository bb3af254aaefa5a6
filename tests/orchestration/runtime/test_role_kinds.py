"""Message kinds of a custom role are logged, replayed, upcast and shown like the built-in ones."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from role_making import role_file, with_roles
from tiny_runs import begin, reenact, scripted

from transfer_prompting.agents.messages import Message, codec
from transfer_prompting.agents.messages.codec import KindTaken, decode, register
from transfer_prompting.agents.messages.unknown import UnknownMessage
from transfer_prompting.orchestration.console.lines import lines
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.event import Event

NOTER = """
class Noter(Role):
    says = (Noted,)

    @message_handler
    async def on_stage(self, message: StageFinished, ctx: MessageContext) -> None:
        await self.tell(Noted(text=f"{message.stage} is over"))
"""
HEARER = """
class Hearer(Role):
    says = (Noted,)

    @message_handler
    async def on_note(self, message: Noted, ctx: MessageContext) -> None:
        if not message.text.startswith("heard"):
            await self.tell(Noted(text="heard: " + message.text))
"""


@pytest.fixture(autouse=True)
def _forget_kinds() -> Iterator[None]:
    """Start each test in a process that knows only the built-in kinds."""
    codec._ROLE_KINDS.clear()
    yield
    codec._ROLE_KINDS.clear()


async def _noted(folder: Path) -> list[Event]:
    path = role_file(folder, NOTER + HEARER)
    roles = {"noter": {"use": f"{path}:Noter"}, "hearer": {"use": f"{path}:Hearer"}}
    return await begin(with_roles(folder, roles), folder, scripted())


async def test_own_kinds_are_said_heard_and_replayed(tmp_path: Path) -> None:
    """A declared kind is logged, reaches the roles that handle it, and is replayed byte for byte."""
    events = await _noted(tmp_path)
    notes = [event for event in events if event.kind == "note.taken"]
    texts = [json.loads(event.data)["text"] for event in notes]
    assert sorted(texts) == sorted(
        ["source is over", "heard: source is over", "target is over", "heard: target is over"]
    )
    assert {event.recipients for event in notes} == {("hearer/main",)}
    assert type(decode(notes[0])).__name__ == "Noted"
    assert await reenact(tmp_path) == len(events)


async def test_a_log_is_read_without_the_role(tmp_path: Path) -> None:
    """If the role is not loaded, its messages are shown as text, and none of its code runs."""
    events = await _noted(tmp_path)
    [note] = [e for e in events if e.kind == "note.taken" and b"heard: source" in e.data]
    codec._ROLE_KINDS.clear()
    (tmp_path / "mine.py").write_text("raise SystemExit('reading a log has run its code')")
    message = message_for(note)
    assert isinstance(message, UnknownMessage)
    assert message.model_dump()["text"] == "heard: source is over"
    assert "noted: heard: source is over" in str(lines(note, message)[0])


def _event(data: Mapping[str, object], kind: str = "note.taken", schema: int = 1) -> Event:
    return Event(7, "r", 1, "id", kind, schema, "a/b", (), None, 0, json.dumps(data).encode(), b"")


def test_old_payloads_are_lifted() -> None:
    """A custom kind has a schema number, and its upcasters lift older payloads."""
    from typing import ClassVar, Literal

    from transfer_prompting.agents.upcasting import UPCASTERS

    class Remarked(Message):
        SCHEMA: ClassVar[int] = 2
        kind: Literal["test.remarked"] = "test.remarked"
        words: str

    @UPCASTERS.step("test.remarked", 1)
    def rename(old: dict[str, object]) -> dict[str, object]:
        return {"kind": old["kind"], "words": old["text"], "gist": old["gist"]}

    try:
        register([Remarked])
        data = {"kind": "test.remarked", "text": "old", "gist": "old"}
        assert decode(_event(data, "test.remarked")) == Remarked(words="old")
    finally:
        del UPCASTERS._steps["test.remarked", 1]


def test_unknown_kinds_without_words_are_refused() -> None:
    """A kind that is unknown and has no text cannot be read, and the error names the seq."""
    with pytest.raises(LogUnreadable, match=r"seq 7 is of kind 'note.taken'"):
        decode(_event({"kind": "note.taken", "text": "x"}))


def test_a_kind_belongs_to_one_class() -> None:
    """A class without a kind, or with one that exists, is refused by name."""
    from typing import Literal

    class Nameless(Message):
        pass

    class Impostor(Message):
        kind: Literal["run.started"] = "run.started"

    with pytest.raises(KindTaken, match="Nameless has no kind"):
        register([Nameless])
    with pytest.raises(KindTaken, match=r"'run\.started' of Impostor is the kind of RunStarted already"):
        register([Impostor])
