"""Learning curves: from the user's own prompt, race by race, to the held-out examples."""

from transfer_prompting.agents.messages import StageFinished
from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.orchestration.projections.learning_curve import learning_curve
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import DEMO


def test_a_curve_ends_with_its_stage(account: RunHistory) -> None:
    """The last point of a stage is the prompt and the score with which the stage was closed."""
    last = {point.stage: point for point in learning_curve(account).points}
    for _, closed in account.of(StageFinished):
        point = last[closed.stage]
        assert (point.prompt, point.examples) == (closed.best.candidate.id, closed.best.examples)
        assert abs(point.score - closed.best.score) < 1e-9


def test_a_curve_goes_forward(account: RunHistory) -> None:
    """Time, tokens and evaluations never fall along the curves."""
    points = learning_curve(account).points
    for name in ("seconds", "tokens", "evaluations"):
        values = [getattr(point, name) for point in points]
        assert values == sorted(values)


def test_a_curve_begins_at_the_own_prompt(account: RunHistory) -> None:
    """Each stage begins at the best of the user's own prompts, before any of its races has ended."""
    curve = learning_curve(account)
    first = {point.stage: point for point in reversed(curve.points)}
    assert {start.stage for start in curve.starts} == set(first)
    finished = account.state.finished
    assert finished is not None
    assert {start.prompt for start in curve.starts if start.stage != "source"} == {finished.initial.id}
    for start in curve.starts:
        assert start.tokens <= first[start.stage].tokens
        assert start.seconds <= first[start.stage].seconds


def test_a_curve_ends_at_the_verdict(account: RunHistory) -> None:
    """The ends are the finalists with the values of the verdict, dated at the end of the run."""
    finished = account.state.finished
    assert finished is not None
    ends = {end.role: end for end in learning_curve(account).ends}
    [composite] = [c for c in finished.comparisons if c.measure == "composite"]
    assert (ends["best"].score, ends["initial"].score) == (composite.best, composite.other)
    assert {end.seconds for end in ends.values()} == {account.messages[-1].clock}


def test_an_interval_needs_a_plain_metric(account: RunHistory) -> None:
    """A composite score has no interval, and a main metric has one that holds the score."""
    assert {point.low for point in learning_curve(account).points} == {None}
    with open_reader(DEMO) as reader:
        curve = learning_curve(read_history(reader, reader.resolve("last")))
    points = [(p.low, p.score, p.high) for p in (*curve.starts, *curve.points)]
    for low, score, high in (*points, *((end.low, end.score, end.high) for end in curve.ends)):
        assert low is not None
        assert high is not None
        assert low <= score <= high
