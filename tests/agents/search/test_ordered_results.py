"""Results are given out in the order in which they were begun."""

from itertools import permutations

import pytest

from transfer_prompting.agents.search.ordered_results import OrderedResults


@pytest.mark.parametrize("ends", list(permutations(range(4))))
def test_the_order_of_the_ends_does_not_matter(ends: tuple[int, ...]) -> None:
    """A result comes out behind all that were begun before it, and as soon as it may."""
    queue = OrderedResults[int]()
    places = [queue.begin() for _ in ends]
    given: list[int] = []
    for count, number in enumerate(ends, 1):
        given += queue.end(places[number], number)
        ended = set(ends[:count])
        assert given == [n for n in range(4) if set(range(n + 1)) <= ended]
