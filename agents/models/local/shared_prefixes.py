"""Which leading tokens the prompts of a batch have in common, and are worth computing only once."""

from collections.abc import Sequence
from itertools import pairwise

# A pass of its own costs about as much as this many tokens in a pass with others.
_PASS_TOKENS = 32


def shared_prefix_lengths(prompts: Sequence[Sequence[int]]) -> list[int]:
    """Return for each prompt how many of its leading tokens to take from a shared prefix.

    Prompts with the same leading tokens of that number share them; 0 means that a prompt shares
    nothing. At least the last token of every prompt stays its own: its logits are needed. Of all
    ways to share one prefix per prompt the one with the fewest tokens to compute is chosen.
    """
    order = sorted(range(len(prompts)), key=lambda place: list(prompts[place]))
    common = [_common(prompts[one], prompts[other]) for one, other in pairwise(order)]
    lengths = [len(prompts[place]) for place in order]
    _, chosen = _cheapest(lengths, common, 0, len(order)) if order else (0, [])
    by_place = dict(zip(order, chosen, strict=True))
    return [by_place[place] for place in range(len(prompts))]


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    longest = min(len(one), len(other)) - 1
    return next((place for place in range(longest) if one[place] != other[place]), max(longest, 0))


def _cheapest(lengths: list[int], common: list[int], first: int, end: int) -> tuple[int, list[int]]:
    """Return (tokens to compute, shared length of each) for the sorted prompts `first` to `end`."""
    if end - first == 1:
        return lengths[first], [0]
    shortest = min(common[first : end - 1])
    together = sum(lengths[first:end]) - (end - first - 1) * shortest + _PASS_TOKENS
    apart = 0
    chosen: list[int] = []
    for start, stop in _runs(common, first, end, shortest):
        cost, parts = _cheapest(lengths, common, start, stop)
        apart, chosen = apart + cost, chosen + parts
    return (apart, chosen) if apart <= together else (together, [shortest] * (end - first))


def _runs(common: list[int], first: int, end: int, shortest: int) -> list[tuple[int, int]]:
    """Cut where neighbours have no more than the `shortest` prefix in common."""
    cuts = [place + 1 for place in range(first, end - 1) if common[place] == shortest]
    return list(pairwise([first, *cuts, end]))
