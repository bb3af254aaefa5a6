"""The table [search.judge], and the settings that name its dimensions."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from transfer_prompting.agents.search.settings import SearchOptions, SearchSettings
from transfer_prompting.agents.search.wording_settings import WordingSettings
from transfer_prompting.prompts.rubric import bundled_rubric

RUBRIC = """
name = "own"
[[dimensions]]
name = "warmth"
question = "Is it warm?"
low = "cold"
high = "warm"
"""


def test_defaults() -> None:
    """By default the bundled rubric is judged in full, three times; without a table there is no judge."""
    settings = WordingSettings()
    assert settings.rubric == bundled_rubric()
    assert settings.names == bundled_rubric().names
    assert settings.samples == 3
    assert SearchSettings().wording is None


def test_a_choice_of_dimensions() -> None:
    """Chosen dimensions stand in the order of the rubric."""
    assert WordingSettings(dimensions=("harmlessness", "clarity")).names == ("clarity", "harmlessness")


def test_own_rubric(tmp_path: Path) -> None:
    """The path of a rubric is relative to the folder of the context, and its contents become the setting."""
    (tmp_path / "own.toml").write_text(RUBRIC)
    settings = WordingSettings.model_validate({"rubric": "own.toml"}, context={"folder": tmp_path})
    assert settings.names == ("warmth",)
    (tmp_path / "own.toml").unlink()
    assert WordingSettings.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize(
    ("wording", "message"),
    [
        ({"dimensions": ["beauty"]}, "the rubric has no beauty; it has clarity, focus"),
        ({"dimensions": ["clarity", "clarity"]}, "clarity is listed twice"),
        ({"samples": 0}, "samples"),
        ({"temperature": -1}, "temperature"),
        ({"rubric": "none.toml"}, r"none\.toml: there is no such file"),
        ({"colour": "red"}, "colour"),
        (
            {
                "rubric": {
                    "name": "r",
                    "dimensions": [{"name": "ifr", "question": "?", "low": "l", "high": "h"}],
                }
            },
            "ifr is the name of a measure already",
        ),
    ],
)
def test_faults(wording: dict[str, Any], message: str) -> None:
    """An invalid setting is refused with a message that names the valid ones."""
    with pytest.raises(ValidationError, match=message):
        SearchOptions.model_validate({"wording": wording})


def test_weights_and_constraints_name_judged_dimensions() -> None:
    """With a judge its dimensions may have weights and limits."""
    options = SearchOptions.model_validate(
        {
            "wording": {"dimensions": ["clarity"]},
            "objective": "composite",
            "weights": {"accuracy": 1, "clarity": 0.5},
            "constraints": ["clarity >= 0.5", "ece <= 0.2"],
        }
    )
    assert options.weights == {"accuracy": 1, "clarity": 0.5}
    assert SearchSettings(**options.model_dump()).constraints == ("clarity >= 0.5", "ece <= 0.2")


def test_something_is_measured() -> None:
    """Judged dimensions alone make no composite score."""
    with pytest.raises(ValidationError, match="one that is not judged must be above zero"):
        SearchOptions.model_validate(
            {"wording": {}, "objective": "composite", "weights": {"accuracy": 0, "clarity": 1}}
        )


def test_one_fault_is_told_once() -> None:
    """If the judge's table is invalid, there is no further error about the names of its dimensions."""
    with pytest.raises(ValidationError) as caught:
        SearchOptions.model_validate(
            {
                "wording": {"samples": 0},
                "objective": "composite",
                "weights": {"accuracy": 1, "clarity": 1},
                "constraints": ["harmlessness >= 1"],
            }
        )
    assert [fault["loc"] for fault in caught.value.errors()] == [("wording", "samples")]
