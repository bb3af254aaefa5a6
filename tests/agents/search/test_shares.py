"""How evaluations are shared between the sources and the target."""

import pytest
from curator_making import Search, of, search_settings, task

from transfer_prompting.agents.messages import StageFinished
from transfer_prompting.agents.search.shares import source_share


@pytest.mark.parametrize(("labels", "share"), [(8, 0.75), (32, 0.75), (66, 0.5), (100, 0.25), (5000, 0.25)])
def test_the_share_falls_with_the_labels(labels: int, share: float) -> None:
    """The sources get three quarters with few labels, and a quarter with ample ones."""
    assert source_share([labels]) == pytest.approx(share)


def test_the_target_gets_what_is_left() -> None:
    """Both stages together spend the evaluations, to within the steps that were under way at the end."""
    settings = search_settings(steps=99, patience=99, evaluations=1200)
    sent = Search(settings, sources=[task("near")], target=task("far", dev=20)).play()
    source, target = of(StageFinished, sent)
    assert "with a budget of 900" in source.reason
    assert f"with a budget of {1200 - source.evaluations}" in target.reason


@pytest.mark.parametrize(
    ("labels", "share"), [([100, 100], 0.5), ([100, 100, 100, 100], 0.75), ([8, 8], 0.75), ([32, 100], 0.75)]
)
def test_the_share_grows_with_the_targets(labels: list[int], share: float) -> None:
    """Sources that several targets share get as many times the share of one, up to three quarters."""
    assert source_share(labels) == pytest.approx(share)
