"""Messages: encoding and decoding of every kind."""

import inspect
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from message_making import FIELDS, messages
from outcome_making import PROPERTY
from pydantic import ValidationError

from transfer_prompting.agents import messages as module
from transfer_prompting.agents.messages import Message
from transfer_prompting.agents.messages.codec import KINDS, decode, encode
from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.redaction import PayloadRedacted

CLASSES = [
    cls
    for cls in vars(module).values()
    if inspect.isclass(cls) and issubclass(cls, Message) and cls is not Message
]


def event(kind: str, data: bytes, seq: int = 7) -> Event:
    return Event(seq, "run", 1, "id", kind, 1, "a/b", (), None, 0, data, b"")


def test_every_class_is_known() -> None:
    """Each message class is registered by its kind, and has a strategy for these tests."""
    assert set(KINDS.values()) == set(CLASSES) == set(FIELDS)
    assert all(cls.model_fields["kind"].default == kind for kind, cls in KINDS.items())


@pytest.mark.parametrize("cls", CLASSES)
@settings(PROPERTY, max_examples=25)
@given(data=st.data())
def test_round_trip(cls: type[Message], data: st.DataObject) -> None:
    """Decoding an encoded message returns an equal message, which encodes to the same bytes."""
    message = data.draw(messages(cls))
    raw = encode(message)
    again = decode(event(message.kind, raw)._replace(schema=cls.SCHEMA))
    assert again == message
    assert type(again) is cls
    assert encode(again) == raw


@pytest.mark.parametrize("cls", CLASSES)
@settings(PROPERTY, max_examples=10)
@given(data=st.data())
def test_gist(cls: type[Message], data: st.DataObject) -> None:
    """A gist is one line of at most 300 characters."""
    gist = data.draw(messages(cls)).gist()
    assert len(gist.splitlines()) == 1
    assert len(gist) <= 300


@pytest.mark.parametrize("cls", CLASSES)
@settings(PROPERTY, max_examples=5)
@given(data=st.data())
def test_frozen(cls: type[Message], data: st.DataObject) -> None:
    """No field of a message can be assigned."""
    message = data.draw(messages(cls))
    for field in cls.model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(message, field, getattr(message, field))


@pytest.mark.parametrize("cls", CLASSES)
def test_described(cls: type[Message]) -> None:
    """Every message has a docstring of its own, a gist of its own and the number of its schema."""
    assert cls.__doc__
    assert cls.__doc__ != Message.__doc__
    assert "gist" in vars(cls)
    assert cls.SCHEMA >= 1
    assert next(iter(cls.model_fields)) == "kind"


@pytest.mark.parametrize("cls", CLASSES)
@settings(PROPERTY, max_examples=3)
@given(data=st.data())
def test_unknown_field(cls: type[Message], data: st.DataObject) -> None:
    """An unknown field is refused, not ignored."""
    message = data.draw(messages(cls))
    raw = json.dumps(json.loads(encode(message)) | {"colour": "red"}).encode()
    with pytest.raises(LogUnreadable, match=r"(?s)seq 7 .*colour"):
        decode(event(message.kind, raw)._replace(schema=cls.SCHEMA))


def test_unknown_kind() -> None:
    """An event of an unknown kind is refused, naming its seq, its kind and the remedy."""
    with pytest.raises(LogUnreadable, match=r"seq 12 is of kind 'judge\.spoke'.*Install the package"):
        decode(event("judge.spoke", b"{}", 12))


@pytest.mark.parametrize("raw", [b"{", b"[]", b"{}", b"\xff", b'{"kind": "run.resumed"}'])
def test_broken_data(raw: bytes) -> None:
    """Data that do not fit their kind are refused, naming the seq and the kind."""
    with pytest.raises(LogUnreadable, match=r"seq 7 \(run\.failed\) cannot be read"):
        decode(event("run.failed", raw))


def test_blanked_data() -> None:
    """A redacted event raises `PayloadRedacted`, not an error about its data."""
    with pytest.raises(PayloadRedacted, match=r"seq 7 \(run\.failed\) was redacted"):
        decode(event("run.failed", b""))


def test_the_control_has_no_planned_steps() -> None:
    """The gist of a control stage names its budget instead of a number of steps."""
    target = module.StageStarted(stage="target", tasks=("far",), steps=9, population=())
    assert target.gist() == "target stage on far: 0 prompts, 9 steps"
    budget = module.Spent(evaluations=20, answers=1000, proposals=400, judgements=50)
    control = target.model_copy(update={"stage": "control", "budget": budget})
    assert control.gist() == (
        "control stage on far: 0 prompts, to spend 1,450 tokens "
        "(1,000 for 20 evaluations, 400 for proposals, 50 for judgements)"
    )


def test_base_gist() -> None:
    """The gist of the base class is the kind."""
    assert Message(kind="x.y").gist() == "x.y"
