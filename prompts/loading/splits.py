"""Splits of a task: the rows of train, dev and test."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from ..errors import TaskError
from ..task import Split
from .balance import LabelOf, divided
from .data_settings import DataSettings
from .placed import Placed
from .rows import HUB, Row, read_rows

T = TypeVar("T")
Part = Literal["train", "dev", "test", "all"]
"""A source of rows."""
_PARTS: Sequence[Part] = ("train", "dev", "test", "all")
_SPLITS: Sequence[Split] = ("train", "dev", "test")


def read_parts(data: DataSettings, folder: Path) -> Iterator[tuple[Part, Iterable[Row]]]:
    """Yield the rows of each source in the order of its file. Paths are relative to `folder`."""
    for part in _PARTS:
        if source := getattr(data, part):
            yield part, read_rows(source, folder, data)


def cut(
    data: DataSettings,
    parts: Mapping[Part, Sequence[T]],
    seed: int,
    *,
    group_of: Callable[[T], str] | None = None,
    label_of: LabelOf[T] = None,
) -> dict[Split, list[T]]:
    """Distribute what was made of the rows of each source to the splits.

    A single source is shuffled with `seed` and cut by `data.shares`. Without a source for dev, half of train,
    drawn with `seed`, becomes dev. With `group_of`, rows of one group stay together; with `label_of`, each
    split gets its share of each label.
    """
    if "all" in parts:
        count = len(parts["all"])
        train = round(data.shares[0] * count)
        dev = min(round(data.shares[1] * count), count - train)
        sizes: dict[Split, int] = {"train": train, "dev": dev, "test": count - train - dev}
        return divided(parts["all"], sizes, seed, group_of, label_of)
    found = {split: list(parts.get(split, ())) for split in _SPLITS}
    if "dev" not in parts:
        half = len(found["train"]) // 2
        halves: dict[Split, int] = {"dev": half, "train": len(found["train"]) - half}
        found |= divided(found["train"], halves, seed, group_of, label_of)
    return found


def check_not_empty(name: str, rows: Mapping[Split, Sequence[T]], data: DataSettings, folder: Path) -> None:
    """Raise `TaskError` naming the file if dev or test has no rows."""
    for split in ("dev", "test"):
        if not rows[split]:
            groups = " that are not all of the same few groups" if data.group else ""
            raise TaskError(
                f"task {name}: no examples for {split} in {_source(data, split, folder)}. Add rows{groups}: "
                "candidates are scored on dev, the verdict rests on test."
            )


def check_ids(name: str, splits: Mapping[Split, Sequence[Placed]]) -> None:
    """Raise `TaskError` naming both places if an id occurs twice, within one split or in two."""
    seen: dict[str, tuple[Split, Placed]] = {}
    for split, placed in splits.items():
        for one in placed:
            first_split, first = seen.setdefault(one.example.id, (split, one))
            if first_split != split:
                raise TaskError(
                    f"{one.where}: the id {one.example.id!r} of task {name} stands in {first_split} "
                    f"({first.where}) and in {split}. Keep each example in one split only: the verdict must "
                    "rest on examples that the search has not seen."
                )
            if first is not one:
                raise TaskError(
                    f"{one.where}: the id {one.example.id!r} of task {name} stands in {split} already "
                    f"({first.where}). Give each row an id of its own, or leave all ids out."
                )


def check_groups(name: str, splits: Mapping[Split, Sequence[Placed]]) -> None:
    """Raise `TaskError` naming both places if rows of one group stand in two splits."""
    seen: dict[str, tuple[Split, Placed]] = {}
    for split, placed in splits.items():
        for one in placed:
            if not one.group:
                continue
            first_split, first = seen.setdefault(one.group, (split, one))
            if first_split != split:
                raise TaskError(
                    f"{one.where}: the group {one.group!r} of task {name} stands in {first_split} "
                    f"({first.where}) and in {split}. Move its rows into one file, or give all rows as "
                    "data.all, which is cut by groups."
                )


def _source(data: DataSettings, split: Split, folder: Path) -> str:
    named = data.all or (data.test if split == "test" else data.dev or data.train) or ""
    return named if named.startswith(HUB) else str(folder / named)
