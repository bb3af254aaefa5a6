"""The options of the metric "judge"."""

from typing import Any

import pytest

from transfer_prompting.prompts.errors import MetricError
from transfer_prompting.prompts.metrics.judge_options import JudgeOptions, judge_options
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.rubric import bundled_rubric

OWN = {"name": "warmth", "question": "Is it warm?", "low": "it is cold", "high": "it is warm"}


def options(**written: Any) -> JudgeOptions:
    """Return the options of a metric as written in a task."""
    return judge_options(MetricSettings.model_validate({"use": "judge", **written}))


def test_defaults() -> None:
    """A bare judge scores the bundled dimensions once, cold, on a scale from 1 to 5."""
    bare = judge_options(MetricSettings.model_validate("judge"))
    assert (bare.samples, bare.heat, bare.scale, bare.mode, bare.gold) == (1, 0.0, (1, 5), "pointwise", None)
    assert bare.asked(grounded=True) == bundled_rubric("response").dimensions
    assert "faithfulness" not in [one.name for one in bare.asked(grounded=False)]
    assert not bare.needs_gold
    assert bare.columns == ()


def test_names_and_tables() -> None:
    """Dimensions are names of the bundled rubric or tables, in the order of the task."""
    found = options(dimensions=["style", OWN], weights={"warmth": 2})
    assert [one.name for one in found.asked(grounded=True)] == ["style", "warmth"]
    assert found.dimensions[1].question == "Is it warm?"


def test_options_survive_the_log() -> None:
    """Options that were written to a log are the same when they are read again."""
    settings = MetricSettings.model_validate({"use": "judge", "dimensions": ["style", OWN], "samples": 3})
    again = MetricSettings.model_validate_json(settings.model_dump_json())
    assert judge_options(again) == judge_options(settings)


def test_a_pair_is_judged_as_a_whole() -> None:
    """A comparison looks at the quality alone by default, and needs right answers."""
    pair = options(mode="pairwise")
    assert [one.name for one in pair.asked(grounded=True)] == ["quality"]
    assert pair.needs_gold
    assert options(samples=3).heat == 1.0


def test_columns() -> None:
    """The columns of a calibration are those that the metric reads."""
    assert options(calibrate={"response": "summary", "label": "rating"}).columns == ("summary", "rating")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            {"dimensions": ["beauty"]},
            r"there is no dimension 'beauty'; there are relevance, .*write your own",
        ),
        ({"dimensions": ["style", "style"]}, "style is listed twice"),
        ({"dimensions": [{**OWN, "name": "noise"}]}, '"noise" is the name of the judge'),
        ({"dimensions": [{"name": "warmth"}]}, r"dimensions\.0\.question is missing"),
        ({"dimension": ["style"]}, r"dimension: there is no such key\. Did you mean dimensions\?"),
        ({"dimensions": ["style"], "weights": {"quality": 1}}, "quality is not judged; judged are style"),
        ({"weights": {"style": -1}}, "finite and not negative"),
        ({"dimensions": ["style"], "weights": {"style": 0}}, "one of them must be above zero"),
        ({"scale": [5, 1]}, r"scale = \[5, 1\]: .*worst score and then the best"),
        ({"samples": 0}, "samples = 0"),
        ({"temperature": -1}, "temperature"),
        ({"mode": "pairwise", "gold": False}, "leave out gold = false"),
        ({"mode": "both"}, "mode"),
        ({"calibrate": {"response": "summary"}}, r"calibrate\.label is missing"),
    ],
)
def test_faults(written: dict[str, Any], message: str) -> None:
    """An invalid option is refused with the metric, the key and the remedy."""
    with pytest.raises(MetricError, match=message) as caught:
        options(**written)
    assert str(caught.value).startswith('metric "judge": ')
