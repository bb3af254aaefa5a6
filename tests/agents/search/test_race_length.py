"""The length of races."""

from transfer_prompting.agents.search.race_length import race_length


def test_losers_double_it() -> None:
    """Every six candidates in races without a winner double the length of the next races."""
    assert [race_length(1, losers) for losers in (0, 5, 6, 11, 12)] == [15, 15, 30, 30, 60]


def test_a_large_field_races_longer() -> None:
    """A race has at least five examples for each candidate."""
    assert [race_length(candidates, 0) for candidates in (3, 4, 100)] == [15, 20, 500]
