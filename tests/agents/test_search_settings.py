"""The numbers of a search, and what is refused."""

import math
from typing import Any

import pytest
from pydantic import ValidationError

from transfer_prompting.agents.evaluator import DEFAULT_WEIGHTS
from transfer_prompting.agents.settings import SearchOptions, SearchSettings, StageSettings


def test_defaults() -> None:
    """The defaults stand for themselves, with the default weights in the order of their names."""
    settings = SearchSettings()
    assert settings.weights == dict(DEFAULT_WEIGHTS)
    assert (settings.source, settings.target) == (StageSettings(), StageSettings())


def test_weights_have_one_order() -> None:
    """Two orders of the same weights are the same settings, to the byte."""
    one = SearchOptions(weights={"ifr": 1, "accuracy": 2})
    other = SearchOptions(weights={"accuracy": 2, "ifr": 1})
    assert one.model_dump_json() == other.model_dump_json()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"beauty": 1}, "unknown measure beauty; known are accuracy, ifr"),
        ({"accuracy": 1, "ifr": -0.1}, "must be finite and not negative"),
        ({"accuracy": 0}, "one must be above zero"),
        ({}, "one must be above zero"),
        ({"accuracy": math.nan}, "must be finite"),
        ({"accuracy": math.inf}, "must be finite"),
    ],
)
def test_bad_weights(weights: dict[str, float], message: str) -> None:
    """Weights name known measures, are finite and not negative, and not all zero."""
    with pytest.raises(ValidationError, match=message):
        SearchOptions(weights=weights)


@pytest.mark.parametrize(
    "wrong",
    [
        {"promote": 0},
        {"answer": "guessed"},
        {"max_tokens": 0},
        {"history": 0},
        {"exemplars": -1},
        {"temperature": -1},
        {"edits": 1.1},
        {"proposal_tokens": 1},
        {"colour": "red"},
        {"source": {"steps": -1}},
        {"target": {"candidates": 0}},
        {"target": {"examples": 1}},
        {"target": {"patience": 0}},
    ],
)
def test_out_of_range(wrong: dict[str, Any]) -> None:
    """A number out of its range, and a name that is unknown, are refused by name."""
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        SearchSettings(**wrong)


def test_frozen() -> None:
    """Settings do not change during a search."""
    with pytest.raises(ValidationError, match="frozen"):
        SearchSettings().promote = 9
