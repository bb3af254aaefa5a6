"""The evaluator: from outcomes to a score vector."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY, graded, outcome, outcomes

from transfer_prompting.agents.messages.scores import Outcome
from transfer_prompting.agents.scoring.evaluator import evaluate
from transfer_prompting.agents.scoring.intervals import wilson
from transfer_prompting.agents.scoring.measures import TokenUse
from transfer_prompting.agents.scoring.objective import DEFAULT_WEIGHTS, METRIC_WEIGHTS

OUTCOMES = st.lists(
    st.builds(
        Outcome,
        example=st.just("e"),
        answer=st.none() | st.just("yes"),
        correct=st.booleans(),
        followed=st.none() | st.booleans(),
        confidence=st.none() | st.integers(0, 100).map(lambda n: n / 100),
    ).filter(lambda o: o.answer is not None or not o.correct),
    max_size=30,
)


def test_unparsed_counts_as_wrong() -> None:
    """An unreadable answer counts as wrong in `accuracy` and is left out of `accuracy_parsed`."""
    score = evaluate([outcome(0, True), outcome(1, False, answer=None)], DEFAULT_WEIGHTS)
    assert score.value("accuracy") == 0.5
    assert (score.measures["accuracy"].n, score.measures["accuracy_parsed"].n) == (2, 1)
    assert score.value("accuracy_parsed") == 1.0


def test_format_not_demanded() -> None:
    """Without a demanded format, `ifr` is undefined and the other measures share its weight."""
    score = evaluate(outcomes("++-"), DEFAULT_WEIGHTS)
    assert score.value("ifr") is None
    assert score.measures["ifr"].n == 0
    assert score.composite == pytest.approx(2 / 3)


def test_format_demanded() -> None:
    """The instruction-following rate rests on the outcomes for which a format was demanded."""
    mixed = [outcome(0, True, followed=True), outcome(1, False, followed=False), outcome(2, True)]
    score = evaluate(mixed, {"ifr": 1.0})
    assert score.value("ifr") == score.composite == 0.5
    assert score.measures["ifr"].n == 2


def test_confidence_of_some() -> None:
    """The calibration measures rest on the outcomes with a confidence, and state their number."""
    mixed = [outcome(0, True, 1.0), outcome(1, False, 0.0), outcome(2, False), outcome(3, False)]
    score = evaluate(mixed, DEFAULT_WEIGHTS)
    assert [score.measures[m].n for m in ("one_minus_ece", "auroc", "pr_p", "pr_n", "brier")] == [2] * 5
    assert score.value("auroc") == score.value("one_minus_ece") == 1.0
    assert score.value("accuracy") == 0.25


def test_composite_by_hand() -> None:
    """The composite with the default weights equals a computation by hand."""
    mixed = [
        outcome(0, True, 0.9, True),
        outcome(1, True, 0.8, True),
        outcome(2, False, 0.7, True),
        outcome(3, False, None, False, None),
    ]
    score = evaluate(mixed, DEFAULT_WEIGHTS)
    # Each of the three is alone in its bin: (0.1 + 0.2 + 0.7) / 3.
    assert score.value("one_minus_ece") == pytest.approx(2 / 3)
    assert score.composite == pytest.approx(0.5 * 0.5 + 0.2 * 0.75 + 0.1 * 2 / 3 + 0.1 * 1 + 0.1 * 1)


def test_no_outcomes() -> None:
    """Without examples, all measures are undefined and the composite is zero."""
    score = evaluate([], DEFAULT_WEIGHTS)
    assert score.composite == 0.0
    assert all(m.value is None and m.n == 0 for m in score.measures.values())


def test_unknown_measure() -> None:
    """An unknown measure has no value."""
    assert evaluate([], DEFAULT_WEIGHTS).value("beauty") is None


def test_every_weight_has_its_measure() -> None:
    """The default weights name existing measures and add up to one."""
    assert set(DEFAULT_WEIGHTS) <= set(evaluate([], DEFAULT_WEIGHTS, tokens=TokenUse((), ())).measures)
    assert sum(DEFAULT_WEIGHTS.values()) == pytest.approx(1)


@PROPERTY
@given(OUTCOMES)
def test_range(found: list[Outcome]) -> None:
    """A composite lies between the smallest and the greatest of its weighted measures."""
    score = evaluate(found, DEFAULT_WEIGHTS)
    weighed = [v for name, w in DEFAULT_WEIGHTS.items() if w and (v := score.value(name)) is not None]
    low, high = (min(weighed), max(weighed)) if weighed else (0.0, 0.0)
    assert low - 1e-8 <= score.composite <= high + 1e-8


@PROPERTY
@given(OUTCOMES, st.floats(0.1, 10))
def test_order_and_scale_do_not_matter(found: list[Outcome], factor: float) -> None:
    """A composite depends neither on the order of the examples nor on the scale of the weights."""
    mixed = sorted(found, key=lambda o: (o.correct, o.confidence or 0.0, o.answer or ""))
    scaled = {name: factor * weight for name, weight in DEFAULT_WEIGHTS.items()}
    assert evaluate(mixed, scaled).composite == pytest.approx(evaluate(found, DEFAULT_WEIGHTS).composite)


@PROPERTY
@given(OUTCOMES.filter(bool))
def test_right_answers_pay(found: list[Outcome]) -> None:
    """If only accuracy has a weight, each corrected answer raises the composite by its share."""
    better = [o.model_copy(update={"correct": True, "answer": "yes"}) for o in found]
    weights = {"accuracy": 1.0}
    gain = evaluate(better, weights).composite - evaluate(found, weights).composite
    assert gain == pytest.approx(sum(not o.correct for o in found) / len(found))


@PROPERTY
@given(OUTCOMES)
def test_intervals(found: list[Outcome]) -> None:
    """Every defined measure lies in its interval, and an undefined one has no interval."""
    for measure in evaluate(found, DEFAULT_WEIGHTS).measures.values():
        if measure.value is None:
            assert (measure.low, measure.high) == (None, None)
        else:
            assert measure.low is not None
            assert measure.high is not None
            assert 0 <= measure.low <= measure.value <= measure.high <= 1


def test_intervals_not_wanted() -> None:
    """Without intervals, the values are the same and the ends are None."""
    mixed = [outcome(n, n % 3 == 0, n / 20) for n in range(20)]
    full, bare = evaluate(mixed, DEFAULT_WEIGHTS), evaluate(mixed, DEFAULT_WEIGHTS, intervals=False)
    assert full.composite == bare.composite
    for name, measure in bare.measures.items():
        assert measure == full.measures[name].model_copy(update={"low": None, "high": None})


def test_more_examples_narrow_the_interval() -> None:
    """Four times as many examples roughly halve an interval; the same examples give the same interval."""
    few = [outcome(n, n % 3 == 0, (n * 7 % 10) / 10) for n in range(50)]
    small, large = evaluate(few, DEFAULT_WEIGHTS), evaluate(few * 4, DEFAULT_WEIGHTS)
    assert small == evaluate(few, DEFAULT_WEIGHTS)
    for name in ("accuracy", "brier", "auroc", "one_minus_ece"):
        widths = [(m.high or 0) - (m.low or 0) for m in (small.measures[name], large.measures[name])]
        assert 0.3 < widths[1] / widths[0] < 0.75


def test_brevity_and_cost() -> None:
    """Brevity is one half at its scale and falls with the tokens; the cost is that of 1000 examples."""
    used = TokenUse(prompt=[500, 1500], answer=[300, 300], prompt_price=2.0, answer_price=10.0)
    score = evaluate(outcomes("+-"), DEFAULT_WEIGHTS, tokens=used)
    assert (score.value("brevity_prompt"), score.value("brevity_answer")) == (0.5, 0.25)
    # 1000 tokens at 2 and 300 at 10 per million, a thousand times.
    assert score.value("cost") == pytest.approx(2 + 3)
    unpriced = evaluate(outcomes("+-"), DEFAULT_WEIGHTS, tokens=TokenUse([1, 1], [1, 1]))
    assert unpriced.value("cost") is None
    assert unpriced.value("brevity_prompt") == pytest.approx(1 / 1.001)


def test_brevity_weighs_nothing_by_default() -> None:
    """With the default weights, token use does not change the composite."""
    used = TokenUse(prompt=[500, 1500], answer=[300, 300])
    score = evaluate(outcomes("+-"), DEFAULT_WEIGHTS, tokens=used)
    assert score.composite == evaluate(outcomes("+-"), DEFAULT_WEIGHTS).composite


def test_right_and_wrong_answers_have_one_accuracy() -> None:
    """If answers are right or wrong, the main metric is the accuracy, interval included."""
    measures = evaluate(outcomes("+++-"), METRIC_WEIGHTS).measures
    assert measures["metric"] == measures["accuracy"]


def test_graded_values() -> None:
    """The main metric is the mean of the values, with a bootstrap interval; accuracy counts whole ones."""
    score = evaluate(graded([0.2, 0.4, 1.0, 0.4] * 5), METRIC_WEIGHTS)
    metric = score.measures["metric"]
    assert score.composite == metric.value == 0.5
    assert metric.low is not None
    assert metric.high is not None
    low, high = wilson(0.5, 20)
    assert low < metric.low < 0.5 < metric.high < high
    assert score.value("accuracy") == 0.25


def test_weights_of_examples() -> None:
    """An example of weight three counts as three; the number of examples stays."""
    found = evaluate(graded([1.0, 0.0], weights=[3, 1]), METRIC_WEIGHTS)
    assert found.value("metric") == found.value("accuracy") == 0.75
    assert found.measures["metric"].n == 2


def test_further_metrics_are_measures() -> None:
    """A further metric is a measure by its name, over the outcomes that have it; no name is overwritten."""
    found = graded([1.0, 0.0, 0.5], metrics=[{"length": 1.0}, {"length": 0.5}, {"ifr": 1.0}])
    score = evaluate(found, METRIC_WEIGHTS)
    assert (score.measures["length"].value, score.measures["length"].n) == (0.75, 2)
    assert score.measures["ifr"].value is None


def test_cut_replies() -> None:
    """The share of replies that ended at the token limit is a measure."""
    found = [o.model_copy(update={"cut": n == 0}) for n, o in enumerate(outcomes("+-+-"))]
    assert evaluate(found, METRIC_WEIGHTS).value("cut") == 0.25
