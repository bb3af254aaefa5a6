"""Blame: the texts to which the traces of failures point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_making import failed, mistakes, step, system_material
from outcome_making import PROPERTY

from transfer_prompting.agents.messages.scores import TraceStep
from transfer_prompting.agents.operators.blame import blame, blamed_texts

NAMES = ("retrieve", "rank", "answer")
STEPS = st.lists(
    st.builds(
        TraceStep,
        texts=st.lists(st.sampled_from([*NAMES, "other"]), max_size=3, unique=True).map(tuple),
        reply=st.sampled_from(["", " ", "Shelf b."]),
        error=st.sampled_from(["", "", "Timed out."]),
    ),
    max_size=4,
)


@PROPERTY
@given(st.lists(STEPS, max_size=5), st.floats(0, 1))
def test_shares_add_up(traces: list[list[TraceStep]], value: float) -> None:
    """Whatever the traces hold, the shares lie in [0, 1] and add up to 1."""
    found = blame([failed(n, *trace, value=value) for n, trace in enumerate(traces)], NAMES)
    assert set(found) == set(NAMES)
    assert all(0 <= share <= 1 for share in found.values())
    assert sum(found.values()) == pytest.approx(1)


def test_no_trace() -> None:
    """Without a trace nothing is known, so the shares are equal."""
    assert blame(mistakes(), ("one", "two")) == {"one": 0.5, "two": 0.5}
    assert blame([], ("one", "two")) == {"one": 0.5, "two": 0.5}
    assert blame(mistakes(), ()) == {}


def test_never_used() -> None:
    """A text that no failing example has used has no share."""
    found = blame([failed(0, step("retrieve"), step("answer"))], NAMES)
    assert found == {"retrieve": 0.5, "rank": 0.0, "answer": 0.5}


@pytest.mark.parametrize(
    "fault",
    [
        step("rank", reply=""),
        step("rank", reply=" \n"),
        step("rank", error="The reply was cut off at its token limit."),
        step("rank", reply="", error="Timed out."),
    ],
)
def test_faulty_steps(fault: TraceStep) -> None:
    """A text whose request has failed, or whose reply is empty or cut off, has most of the blame."""
    found = blame([failed(0, step("retrieve"), fault, step("answer"))], NAMES)
    assert found["rank"] > found["retrieve"] + found["answer"]


def test_a_text_counts_once() -> None:
    """A text that a program uses many times on one example is not blamed more for it."""
    found = blame([failed(0, step("retrieve"), step("retrieve"), step("retrieve"), step("answer"))], NAMES)
    assert found["retrieve"] == found["answer"]


def test_worse_examples_count_more() -> None:
    """An example counts by what its value falls short of 1."""
    found = blame([failed(0, step("retrieve"), value=0.9), failed(1, step("answer"), value=0.1)], NAMES)
    assert found["answer"] == pytest.approx(0.9)


def test_the_best_prompts_count() -> None:
    """The failures of the prompts from which the next are made count."""
    material = system_material([failed(0, step("answer")), failed(1, step("answer", "retrieve"))])
    mistakes = [one.mistakes for one in material.parents]
    assert blamed_texts(mistakes, material.texts) == {"retrieve": 0.25, "answer": 0.75}
