"""The settings of a search, and those that are refused."""

import math
from typing import Any

import pytest
from pydantic import ValidationError

from transfer_prompting.agents.scoring.objective import DEFAULT_WEIGHTS
from transfer_prompting.agents.search.settings import SearchOptions, SearchSettings, StageSettings


def test_defaults() -> None:
    """The defaults stand for themselves, with the default weights in the order of their names."""
    settings = SearchSettings()
    assert settings.weights == dict(DEFAULT_WEIGHTS)
    assert (settings.source, settings.target) == (StageSettings(), StageSettings())


def test_weights_have_one_order() -> None:
    """Two orders of the same weights are the same settings, to the byte."""
    one = SearchOptions(objective="composite", weights={"ifr": 1, "accuracy": 2})
    other = SearchOptions(objective="composite", weights={"accuracy": 2, "ifr": 1})
    assert one.model_dump_json() == other.model_dump_json()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"accuracy": 1, "ifr": -0.1}, "must be finite and not negative"),
        ({"accuracy": 0}, "one that is not judged must be above zero"),
        ({}, "one that is not judged must be above zero"),
        ({"accuracy": math.nan}, "must be finite"),
        ({"accuracy": math.inf}, "must be finite"),
    ],
)
def test_bad_weights(weights: dict[str, float], message: str) -> None:
    """Weights are finite and not negative, and not all zero."""
    with pytest.raises(ValidationError, match=message):
        SearchOptions(objective="composite", weights=weights)


def test_the_objective_decides() -> None:
    """By default the main metric has all the weight; with the composite the weights are those written."""
    assert SearchOptions().objective_weights == {"metric": 1}
    composite = SearchOptions(objective="composite", weights={"metric": 2, "ifr": 1})
    assert composite.objective_weights == {"metric": 2, "ifr": 1}
    assert SearchOptions(objective="composite").objective_weights == dict(DEFAULT_WEIGHTS)


def test_weights_need_their_objective() -> None:
    """Weights without the objective that uses them are refused, and the error says what to write."""
    with pytest.raises(
        ValidationError, match=r'set search\.objective = "composite", or remove search\.weights'
    ):
        SearchOptions(weights={"metric": 2, "ifr": 1})


def test_settings_are_written_and_read() -> None:
    """What the settings of either objective are written as can be read again."""
    for settings in (SearchOptions(), SearchOptions(objective="composite", weights={"ifr": 1})):
        assert SearchOptions.model_validate(settings.model_dump()) == settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"answer": "guessed"},
        {"max_tokens": 0},
        {"guesses": 0},
        {"guesses": 10},
        {"history": 0},
        {"exemplars": -1},
        {"temperature": -1},
        {"operators": []},
        {"operators": ["history", "history"]},
        {"proposal_tokens": 1},
        {"block": 0},
        {"colour": "red"},
        {"source": {"steps": -1}},
        {"target": {"candidates": 0}},
        {"target": {"examples": 1}},
        {"target": {"patience": 0}},
        {"target": {"budget": 0}},
    ],
)
def test_out_of_range(wrong: dict[str, Any]) -> None:
    """A number out of its range, and a name that is unknown, are refused by name."""
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        SearchSettings(**wrong)


def test_race_rule() -> None:
    """Races have the block of the settings, the first is more patient; without racing there is no rule."""
    settings = SearchSettings(block=7)
    first, later = settings.race_rule(first=True), settings.race_rule(first=False)
    assert first is not None
    assert later is not None
    assert first.block == later.block == 7
    assert first.gamma < later.gamma
    assert SearchSettings(racing=False).race_rule(first=True) is None


def test_unknown_operator() -> None:
    """An unknown operator is refused, and the known ones are named."""
    with pytest.raises(ValidationError, match=r"operators\.1\n.*'reflection', 'demonstrations', .*'shorten'"):
        SearchOptions(operators=("history", "magic"))  # type: ignore[arg-type]


def test_frozen() -> None:
    """Settings do not change during a search."""
    with pytest.raises(ValidationError, match="frozen"):
        SearchSettings().history = 9
