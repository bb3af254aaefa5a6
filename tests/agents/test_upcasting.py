"""Old payloads are lifted step by step as they are read; errors name the event."""

import json
from functools import partial
from typing import ClassVar, Literal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.messages import Message, codec
from transfer_prompting.agents.messages.codec import KINDS, decode, encode
from transfer_prompting.agents.upcasting import UPCASTERS, Payload, Upcasters
from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.event import Event


class Weighed(Message):
    """A message in its third shape: pounds, then grams, then grams with a place."""

    SCHEMA: ClassVar[int] = 3
    kind: Literal["fruit.weighed"] = "fruit.weighed"
    grams: int
    place: str


def event(schema: int, payload: object, kind: str = "fruit.weighed") -> Event:
    data = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return Event(7, "run", 1, "id", kind, schema, "a/b", (), None, 0, data, b"")


def grams(old: Payload) -> Payload:
    return {"kind": old["kind"], "grams": old["pounds"] * 454}


def place(old: Payload) -> Payload:
    return {**old, "place": "market"}


@pytest.fixture
def steps() -> Upcasters:
    """Return upcasters with two steps for `fruit.weighed`."""
    made = Upcasters()
    made.step("fruit.weighed", 1)(grams)
    made.step("fruit.weighed", 2)(place)
    return made


@pytest.fixture
def known(steps: Upcasters, monkeypatch: pytest.MonkeyPatch) -> None:
    """Register `fruit.weighed` as a kind of this version."""
    monkeypatch.setitem(KINDS, "fruit.weighed", Weighed)
    monkeypatch.setattr(codec, "UPCASTERS", steps)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        (1, {"kind": "fruit.weighed", "pounds": 2}),
        (2, {"kind": "fruit.weighed", "grams": 908}),
        (3, {"kind": "fruit.weighed", "grams": 908, "place": "market"}),
    ],
)
def test_every_version_is_read(schema: int, payload: Payload) -> None:
    """A message of any schema is decoded to its current shape, and the event stays unchanged."""
    stored = event(schema, payload)
    before = stored.data
    assert decode(stored) == Weighed(grams=908, place="market")
    assert stored.data is before


@pytest.mark.usefixtures("known")
def test_current_schema_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A payload of the current schema is validated directly, without a search for steps."""
    monkeypatch.setattr(Upcasters, "lift", None)
    message = Weighed(grams=1, place="shop")
    assert decode(event(3, encode(message))) == message


@pytest.mark.usefixtures("known")
def test_later_schema() -> None:
    """A later schema is refused, naming the seq, both schemas and the remedy."""
    with pytest.raises(LogUnreadable, match=r"seq 7 .*schema 4.*up to 3.*upgrade"):
        decode(event(4, {}))


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("data", [b" ", b"[1]", b"\xff", b'{"kind": "fruit.weighed"}', b'{"pounds": null}'])
def test_broken_old_payload(data: bytes) -> None:
    """Old data that do not fit their schema are refused, naming the seq."""
    with pytest.raises(LogUnreadable, match=r"seq 7 \(fruit\.weighed\) cannot be"):
        decode(event(1, data))


@pytest.mark.usefixtures("known")
def test_lifted_payload_is_validated() -> None:
    """The result of a step is validated: an unknown field is refused."""
    with pytest.raises(LogUnreadable, match=r"(?s)seq 7 .*colour"):
        decode(event(2, {"kind": "fruit.weighed", "grams": 1, "colour": "red"}))


def test_missing_step() -> None:
    """A missing step raises an error that names it."""
    made = Upcasters()
    made.step("fruit.weighed", 2)(place)
    with pytest.raises(LogUnreadable, match=r"seq 7 .*lifts schema 1 to 2"):
        made.lift(event(1, {}), 3)


def test_one_step_each(steps: Upcasters) -> None:
    """A second step from the same schema is refused."""
    with pytest.raises(ValueError, match="already a step"):
        steps.step("fruit.weighed", 1)(place)


def test_newest(steps: Upcasters) -> None:
    """The newest schema of a kind is the end of its own steps."""
    assert steps.newest("fruit.weighed") == 3
    assert steps.newest("fruit.sold") == 1
    assert steps.payload(event(1, {"a": 1}, "fruit.sold")) == {"a": 1}
    assert steps.payload(event(2, {"grams": 1})) == {"grams": 1, "place": "market"}


@PROPERTY
@given(st.dictionaries(st.text(max_size=5), st.integers(0, 99), max_size=3), st.integers(1, 4), st.data())
def test_steps_compose(payload: Payload, found: int, data: st.DataObject) -> None:
    """Lifting applies the steps of every schema in between, in order, and no others."""
    wanted = data.draw(st.integers(found, 5))
    made = Upcasters()

    def leave_trail(schema: int, old: Payload) -> Payload:
        return {**old, "trail": [*old["trail"], schema]}

    for schema in range(1, 5):
        made.step("trail", schema)(partial(leave_trail, schema))
    lifted = made.lift(event(found, {**payload, "trail": []}, "trail"), wanted)
    assert lifted == {**payload, "trail": list(range(found, wanted))}


@pytest.mark.parametrize("kind", KINDS)
def test_steps_lead_to_today(kind: str) -> None:
    """The steps of each kind end at the schema of its class."""
    assert UPCASTERS.newest(kind) == KINDS[kind].SCHEMA


def _old(kind: str, payload: Payload) -> Payload:
    data = json.dumps(payload).encode()
    return UPCASTERS.payload(Event(1, "r", 1, "e", kind, 1, "a/b", (), None, 0, data, b""))


def test_old_scores_have_a_main_metric() -> None:
    """In the scores of schema 1 the accuracy was the main metric; a score without it stays without."""
    accuracy = {"value": 0.5, "n": 4, "low": 0.1, "high": 0.9}
    lifted = _old("prompt.scored", {"score": {"composite": 0.7, "measures": {"accuracy": accuracy}}})
    assert lifted["score"]["measures"] == {"metric": accuracy, "accuracy": accuracy}
    assert _old("prompt.scored", {"score": {"composite": 0.7, "measures": {}}})["score"]["measures"] == {}


def test_old_verdicts_speak_of_the_main_metric_first() -> None:
    """In verdicts of schema 1 the composite came first; the accuracy was the main metric."""
    rows = [{"measure": "composite", "n": 4}, {"measure": "accuracy", "n": 4}]
    lifted = _old("run.finished", {"comparisons": rows, "against_control": rows, "p_value": 0.1})
    titled = [("metric", "accuracy"), ("composite", "composite score")]
    for name in ("comparisons", "against_control"):
        assert [(row["measure"], row["title"]) for row in lifted[name]] == titled
    assert lifted["test"] == "exact McNemar test"
    assert _old("run.finished", {"comparisons": [], "p_value": None})["test"] is None
