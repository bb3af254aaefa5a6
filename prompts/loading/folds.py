"""Folds of a task for k-fold cross-validation: all rows in K parts, of which one is held out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ..errors import TaskError
from ..task import Split
from .balance import LabelOf, divided
from .data_settings import DataSettings
from .examples import named
from .placed import Placed
from .splits import Part

_MOST_FOLDS = 100
_LEAST_ROWS = 2
"""Fewest rows of a fold: a final comparison needs as many."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The fold that a run holds out: `number`, from 1, `of` so many."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the fold that a text such as "2/5" names. Raise `ValueError` if it names none."""
        number, _, of = text.partition("/")
        if number.isdecimal() and of.isdecimal():
            found = cls(int(number), int(of))
            if 1 <= found.number <= found.of and 2 <= found.of <= _MOST_FOLDS and str(found) == text:
                return found
        raise ValueError(
            f'{text!r} names no fold; write "2/5" to hold out the second of five, of at most {_MOST_FOLDS}'
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def pooled(
    name: str, parts: Mapping[Part, Sequence[Placed]], fold: Fold, notes: list[str]
) -> dict[Part, list[Placed]]:
    """Return the rows of all sources as one, named by their place in it, so that no fold changes their ids.

    Append to `notes` if the task has a file for each split, since that division is given up.
    """
    if "all" not in parts:
        notes.append(
            f"task {name}: the rows of {', '.join(parts)} are pooled, and fold {fold} of them is held out."
        )
    return {"all": named("row", [one for found in parts.values() for one in found])}


def hold_out(
    name: str, data: DataSettings, rows: Sequence[Placed], fold: Fold, seed: int, label_of: LabelOf[Placed]
) -> dict[Split, list[Placed]]:
    """Return a fold of `rows` as test, and the others, by `data.shares`, as train and dev.

    The folds follow from `rows` and `seed` alone. They are as large as each other, or nearly so, keep the
    shares of the labels that `label_of` gives, and split no group. Raise `TaskError` if a fold gets too few
    rows.
    """
    group_of = (lambda one: one.group) if data.group else None
    size, more = divmod(len(rows), fold.of)
    sizes = {number: size + (number <= more) for number in range(1, fold.of + 1)}
    _check_enough(name, rows, sizes, fold)
    folds = divided(rows, sizes, seed, group_of, label_of)
    _check_enough(name, rows, {number: len(found) for number, found in folds.items()}, fold)
    test = folds.pop(fold.number)
    rest = [one for found in folds.values() for one in found]
    train, dev, _ = data.shares
    count = round(len(rest) * train / (train + dev)) if train + dev else 0
    return {
        "test": test,
        **divided(rest, {"train": count, "dev": len(rest) - count}, seed, group_of, label_of),
    }


def _check_enough(name: str, rows: Sequence[Placed], sizes: Mapping[int, int], fold: Fold) -> None:
    """Raise `TaskError` if a fold would hold fewer rows than a final comparison needs."""
    if min(sizes.values()) >= _LEAST_ROWS:
        return
    groups = Counter(one.group for one in rows if one.group)
    grouped = f" in {len(groups)} groups, which are not split," if groups else ""
    raise TaskError(
        f"task {name}: its {len(rows)} rows{grouped} do not fill {fold.of} folds with at least {_LEAST_ROWS} "
        "rows each. Use fewer folds, or add rows."
    )
