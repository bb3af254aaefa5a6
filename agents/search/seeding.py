"""Randomness of a search: a function of names and numbers, never of the clock."""

from random import Random


def seeded_random(*parts: object) -> Random:
    """Return a generator seeded by `parts`, such as the run's seed, the stage and the step."""
    return Random("/".join(map(str, parts)))
