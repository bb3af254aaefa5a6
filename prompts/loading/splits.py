"""Splits of a task: the rows of train, dev and test."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from ..errors import TaskError
from ..task import Example, Split
from .rows import HUB, Row, read_rows
from .task_settings import DataSettings

Splits = dict[Split, list[Row]]
"""Split -> its rows, each with its place."""


def read_splits(data: DataSettings, folder: Path, seed: int) -> Splits:
    """Read the rows of each split. Paths are relative to `folder`.

    A single file is shuffled with `seed` and cut by `data.shares`. Without a file for dev, half of train,
    drawn with `seed`, becomes dev.
    """
    if data.all is not None:
        rows = list(read_rows(data.all, folder))
        Random(seed).shuffle(rows)
        first = round(data.shares[0] * len(rows))
        second = first + round(data.shares[1] * len(rows))
        return {"train": rows[:first], "dev": rows[first:second], "test": rows[second:]}
    train = list(read_rows(data.train, folder)) if data.train else []
    test = list(read_rows(data.test, folder)) if data.test else []
    if data.dev:
        return {"train": train, "dev": list(read_rows(data.dev, folder)), "test": test}
    Random(seed).shuffle(train)
    half = len(train) // 2
    return {"train": train[half:], "dev": train[:half], "test": test}


def check_not_empty(name: str, rows: Splits, data: DataSettings, folder: Path) -> None:
    """Raise `TaskError` naming the file if dev or test has no rows."""
    for split in ("dev", "test"):
        if not rows[split]:
            raise TaskError(
                f"task {name}: no examples for {split} in {_source(data, split, folder)}. Add rows: "
                "candidates are scored on dev, the verdict rests on test."
            )


def check_ids(name: str, rows: Splits, examples: Mapping[Split, Sequence[Example]]) -> None:
    """Raise `TaskError` naming both places if an id occurs twice, within one split or in two."""
    seen: dict[str, tuple[Split, str]] = {}
    for split, split_examples in examples.items():
        for (where, _), example in zip(rows[split], split_examples, strict=True):
            first_split, first_place = seen.setdefault(example.id, (split, where))
            if first_split != split:
                raise TaskError(
                    f"{where}: the id {example.id!r} of task {name} stands in {first_split} "
                    f"({first_place}) and in {split}. Keep each example in one split only: the verdict must "
                    "rest on examples that the search has not seen."
                )
            if first_place != where:
                raise TaskError(
                    f"{where}: the id {example.id!r} of task {name} stands in {split} already "
                    f"({first_place}). Give each row an id of its own, or leave all ids out."
                )


def sample(examples: Sequence[Example], limit: int, seed: int) -> Sequence[Example]:
    """Return at most `limit` of `examples`, drawn with `seed`; all of them, in order, if they are fewer."""
    if len(examples) <= limit:
        return examples
    return Random(seed).sample(examples, limit)


def _source(data: DataSettings, split: Split, folder: Path) -> str:
    named = data.all or (data.test if split == "test" else data.dev or data.train) or ""
    return named if named.startswith(HUB) else str(folder / named)
