"""Names of texts for the predictors of a DSPy module."""

import re

import pytest

from transfer_prompting.agents.programs.predictor_names import predictor_path, text_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("self", "self"),
        ("generate.predict", "generate__predict"),
        ("steps[0].predict", "steps__0__predict"),
        ("tools['search'].rank", "tools__in__search__rank"),
        ("a._private", "a___private"),
    ],
)
def test_reversible(path: str, name: str) -> None:
    """A path and the name of its text can be made from each other."""
    assert text_name(path) == name
    assert predictor_path(name) == path


@pytest.mark.parametrize(
    "path",
    [
        "a__b",
        "a_.b",
        "by['two words'].predict",
        "research.hypothesis_generator.first_attempt.predict",
        "x['in']",
    ],
)
def test_shortened(path: str) -> None:
    """A path that no name can express gets a valid name of its own, which stands for no path."""
    name = text_name(path)
    assert re.fullmatch(r"[^\W\d]\w{0,39}", name)
    assert predictor_path(name) in (None, path)
    assert name != text_name(f"{path}x")
