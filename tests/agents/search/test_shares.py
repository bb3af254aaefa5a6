"""How evaluations are shared between the sources and the target."""

import pytest
from curator_making import Search, of, search_settings, task

from transfer_prompting.agents.messages import StageFinished, StageSkipped
from transfer_prompting.agents.search.shares import source_share


@pytest.mark.parametrize(("labels", "share"), [(8, 0.75), (32, 0.75), (66, 0.375), (100, 0.0), (5000, 0.0)])
def test_the_share_falls_with_the_labels(labels: int, share: float) -> None:
    """The sources get three quarters with few labels, and nothing with ample ones."""
    assert source_share([labels]) == pytest.approx(share)


@pytest.mark.parametrize(("labels", "share"), [([8, 8], 0.75), ([200, 200, 200], 0.0), ([8, 200], 0.375)])
def test_several_targets_count_alike(labels: list[int], share: float) -> None:
    """Of several targets each has an equal say, by its own labels."""
    assert source_share(labels) == pytest.approx(share)


def test_sources_that_do_not_pay_are_left_out() -> None:
    """With ample labels the log says that the sources are skipped, unless they have a budget of their own."""
    ample = task("far", dev=100)
    sent = Search(search_settings(evaluations=600), sources=[task("near")], target=ample).play()
    [skipped] = of(StageSkipped, sent)
    assert skipped.tasks == ("near",)
    assert "104 labelled examples or more for each target are ample" in skipped.gist()
    assert [end.stage for end in of(StageFinished, sent)] == ["target"]
    settings = search_settings(evaluations=600)
    insisting = settings.model_copy(update={"source": settings.source.model_copy(update={"budget": 200})})
    sent = Search(insisting, sources=[task("near")], target=ample).play()
    assert of(StageSkipped, sent) == []
    assert [end.stage for end in of(StageFinished, sent)] == ["source", "target"]


def test_the_target_gets_what_is_left() -> None:
    """Both stages together spend the evaluations, to within the steps that were under way at the end."""
    settings = search_settings(steps=99, patience=99, evaluations=1200)
    sent = Search(settings, sources=[task("near")], target=task("far", dev=20)).play()
    source, target = of(StageFinished, sent)
    assert "with a budget of 900" in source.reason
    assert f"with a budget of {1200 - source.evaluations}" in target.reason
