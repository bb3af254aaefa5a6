"""Choice of the prefixes of a batch that are worth computing only once."""

from collections.abc import Sequence
from itertools import pairwise

# A separate pass costs about as much as this number of tokens in a pass with others.
_PASS_COST_TOKENS = 32


def shared_prefix_lengths(prompts: Sequence[Sequence[int]]) -> list[int]:
    """Return for each prompt the number of leading tokens to take from a shared prefix.

    Prompts with the same leading tokens of that number share them; 0 means that a prompt shares nothing.
    At least the last token of each prompt is not shared, because its logits are needed. Of all ways to share
    one prefix per prompt, the one with the fewest tokens to compute is chosen.
    """
    order = sorted(range(len(prompts)), key=lambda index: list(prompts[index]))
    common = [_common_length(prompts[one], prompts[other]) for one, other in pairwise(order)]
    lengths = [len(prompts[index]) for index in order]
    _, shared = _cheapest(lengths, common, 0, len(order)) if order else (0, [])
    by_index = dict(zip(order, shared, strict=True))
    return [by_index[index] for index in range(len(prompts))]


def _common_length(one: Sequence[int], other: Sequence[int]) -> int:
    longest = min(len(one), len(other)) - 1
    return next((index for index in range(longest) if one[index] != other[index]), max(longest, 0))


def _cheapest(lengths: list[int], common: list[int], first: int, end: int) -> tuple[int, list[int]]:
    """Return (tokens to compute, shared length of each) for the sorted prompts from `first` to `end`.

    `common[i]` is the length of the common prefix of the prompts i and i + 1.
    """
    if end - first == 1:
        return lengths[first], [0]
    shortest = min(common[first : end - 1])
    together = sum(lengths[first:end]) - (end - first - 1) * shortest + _PASS_COST_TOKENS
    apart = 0
    shared: list[int] = []
    for start, stop in _runs(common, first, end, shortest):
        cost, part = _cheapest(lengths, common, start, stop)
        apart, shared = apart + cost, shared + part
    return (apart, shared) if apart <= together else (together, [shortest] * (end - first))


def _runs(common: list[int], first: int, end: int, shortest: int) -> list[tuple[int, int]]:
    """Return the runs of prompts between neighbours that have only the `shortest` prefix in common."""
    cuts = [index + 1 for index in range(first, end - 1) if common[index] == shortest]
    return list(pairwise([first, *cuts, end]))
