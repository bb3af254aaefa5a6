"""Distribute rows to splits: at random, with the shares of the labels kept, or in whole groups."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from random import Random
from typing import TypeVar

from ..task import Split

T = TypeVar("T")
Sizes = Mapping[Split, int]
"""Split -> the number of rows that it gets; together the number of all rows."""


def at_random(rows: Sequence[T], sizes: Sizes, seed: int) -> dict[Split, list[T]]:
    """Shuffle rows with `seed` and cut them by `sizes`."""
    shuffled = _shuffled(rows, seed)
    found: dict[Split, list[T]] = {}
    first = 0
    for split, size in sizes.items():
        found[split] = shuffled[first : first + size]
        first += size
    return found


def by_labels(
    rows: Sequence[T], sizes: Sizes, seed: int, label_of: Callable[[T], str]
) -> dict[Split, list[T]]:
    """Return the splits of `at_random`, but each with its share of the rows of each label, or nearly so.

    Each row goes, label by label, to the split that is furthest behind its share.
    """
    shuffled = _shuffled(rows, seed)
    chosen: dict[int, Split] = {}
    counts = dict.fromkeys(sizes, 0)
    order = sorted(range(len(shuffled)), key=lambda number: label_of(shuffled[number]))
    for done, number in enumerate(order, 1):
        open_ = [split for split in sizes if counts[split] < sizes[split]]
        split = max(open_, key=lambda split: sizes[split] * done / len(rows) - counts[split])
        counts[split] += 1
        chosen[number] = split
    return _collected(sizes, ((chosen[number], row) for number, row in enumerate(shuffled)))


def by_groups(
    rows: Sequence[T],
    sizes: Sizes,
    seed: int,
    group_of: Callable[[T], str],
    label_of: Callable[[T], str] | None = None,
) -> dict[Split, list[T]]:
    """Return splits of nearly these sizes of which no two hold rows of one group.

    A row with the group "" is a group of its own. The largest groups go first, each to the split that is
    furthest behind its shares of all rows and of the rows with the group's labels.
    """
    label_of = label_of or (lambda row: "")
    shuffled = _shuffled(rows, seed)
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number, row in enumerate(shuffled):
        groups[group_of(row) or number].append(number)
    total = Counter(map(label_of, shuffled))
    wanted = {
        split: {label: count * size / len(rows) for label, count in total.items()}
        for split, size in sizes.items()
        if size
    }
    behind = {split: float(size) for split, size in sizes.items() if size}
    chosen: dict[int, Split] = {}
    for numbers in sorted(groups.values(), key=len, reverse=True):
        labels = Counter(label_of(shuffled[number]) for number in numbers)
        needs = {
            split: len(numbers) * behind[split]
            + sum(count * wanted[split][one] for one, count in labels.items())
            for split in wanted
        }
        split = max(needs, key=needs.__getitem__)
        behind[split] -= len(numbers)
        for label, count in labels.items():
            wanted[split][label] -= count
        chosen |= dict.fromkeys(numbers, split)
    return _collected(sizes, ((chosen[number], row) for number, row in enumerate(shuffled)))


def drawn(rows: Sequence[T], limit: int, seed: int, label_of: Callable[[T], str] | None) -> Sequence[T]:
    """Return at most `limit` of `rows`, drawn with `seed`; all of them, in order, if they are fewer.

    With `label_of` the draw keeps the shares of the labels.
    """
    if len(rows) <= limit:
        return rows
    if label_of is None:
        return Random(seed).sample(rows, limit)
    return by_labels(rows, {"test": limit, "train": len(rows) - limit}, seed, label_of)["test"]


def _shuffled(rows: Sequence[T], seed: int) -> list[T]:
    shuffled = list(rows)
    Random(seed).shuffle(shuffled)
    return shuffled


def _collected(sizes: Sizes, chosen: Iterable[tuple[Split, T]]) -> dict[Split, list[T]]:
    found: dict[Split, list[T]] = {split: [] for split in sizes}
    for split, row in chosen:
        found[split].append(row)
    return found
