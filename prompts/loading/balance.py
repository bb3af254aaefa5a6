"""Distribute rows to splits or folds: at random, with the shares of the labels kept, or in whole groups."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from random import Random
from typing import TypeVar

from ..sums import summed

T = TypeVar("T")
P = TypeVar("P", bound=Hashable)
"""Part that rows are distributed to: a split, or the number of a fold."""
Sizes = Mapping[P, int]
"""Part -> the number of rows that it gets; together the number of all rows."""
LabelOf = Callable[[T], str] | None
"""Function that gives the label of a row whose shares the parts keep; None if they need not."""


def divided(
    rows: Sequence[T], sizes: Sizes[P], seed: int, group_of: Callable[[T], str] | None, label_of: LabelOf[T]
) -> dict[P, list[T]]:
    """Distribute rows in the way that the functions given demand."""
    if group_of is not None:
        return by_groups(rows, sizes, seed, group_of, label_of)
    return at_random(rows, sizes, seed) if label_of is None else by_labels(rows, sizes, seed, label_of)


def at_random(rows: Sequence[T], sizes: Sizes[P], seed: int) -> dict[P, list[T]]:
    """Shuffle rows with `seed` and cut them by `sizes`."""
    shuffled = _shuffled(rows, seed)
    found: dict[P, list[T]] = {}
    first = 0
    for part, size in sizes.items():
        found[part] = shuffled[first : first + size]
        first += size
    return found


def by_labels(
    rows: Sequence[T], sizes: Sizes[P], seed: int, label_of: Callable[[T], str]
) -> dict[P, list[T]]:
    """Return the parts of `at_random`, but each with its share of the rows of each label, or nearly so.

    Each row goes, label by label, to the part that is furthest behind its share.
    """
    shuffled = _shuffled(rows, seed)
    chosen: dict[int, P] = {}
    counts = dict.fromkeys(sizes, 0)
    order = sorted(range(len(shuffled)), key=lambda number: label_of(shuffled[number]))
    for done, number in enumerate(order, 1):
        open_ = [part for part in sizes if counts[part] < sizes[part]]
        part = max(open_, key=lambda part: sizes[part] * done / len(rows) - counts[part])
        counts[part] += 1
        chosen[number] = part
    return _collected(sizes, ((chosen[number], row) for number, row in enumerate(shuffled)))


def by_groups(
    rows: Sequence[T],
    sizes: Sizes[P],
    seed: int,
    group_of: Callable[[T], str],
    label_of: LabelOf[T] = None,
) -> dict[P, list[T]]:
    """Return parts of nearly these sizes of which no two hold rows of one group.

    A row with the group "" is a group of its own. The largest groups go first, each to the part that is
    furthest behind its shares of all rows and of the rows with the group's labels.
    """
    label_of = label_of or (lambda row: "")
    shuffled = _shuffled(rows, seed)
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number, row in enumerate(shuffled):
        groups[group_of(row) or number].append(number)
    total = Counter(map(label_of, shuffled))
    wanted = {
        part: {label: count * size / len(rows) for label, count in total.items()}
        for part, size in sizes.items()
        if size
    }
    behind = {part: float(size) for part, size in sizes.items() if size}
    chosen: dict[int, P] = {}
    for numbers in sorted(groups.values(), key=len, reverse=True):
        labels = Counter(label_of(shuffled[number]) for number in numbers)
        needs = {
            part: len(numbers) * behind[part]
            + summed(count * wanted[part][one] for one, count in labels.items())
            for part in wanted
        }
        part = max(needs, key=needs.__getitem__)
        behind[part] -= len(numbers)
        for label, count in labels.items():
            wanted[part][label] -= count
        chosen |= dict.fromkeys(numbers, part)
    return _collected(sizes, ((chosen[number], row) for number, row in enumerate(shuffled)))


def drawn(rows: Sequence[T], limit: int, seed: int, label_of: LabelOf[T]) -> Sequence[T]:
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


def _collected(sizes: Sizes[P], chosen: Iterable[tuple[P, T]]) -> dict[P, list[T]]:
    found: dict[P, list[T]] = {part: [] for part in sizes}
    for part, row in chosen:
        found[part].append(row)
    return found
