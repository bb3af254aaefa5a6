"""The length of races."""

from curator_making import search_settings

from transfer_prompting.agents.search.race_length import race_length


def test_losers_double_it() -> None:
    """Every six candidates in races without a winner double the length of the next races."""
    assert [race_length(1, losers) for losers in (0, 5, 6, 11, 12)] == [15, 15, 30, 30, 60]


def test_more_than_the_main_metric_takes_more_examples() -> None:
    """If a composite score or constraints decide, the first races are as long as after six losers."""
    assert [race_length(1, losers, guarded=True) for losers in (0, 6)] == [30, 60]
    assert not search_settings().guarded
    assert search_settings(constraints=["ifr >= 0.9"]).guarded
    assert search_settings(objective="composite").guarded


def test_a_large_field_races_longer() -> None:
    """A race has at least five examples for each candidate."""
    assert [race_length(candidates, 0) for candidates in (3, 4, 100)] == [15, 20, 500]
