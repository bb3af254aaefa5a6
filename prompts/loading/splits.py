"""Splits of a task: the rows of train, dev and test."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Literal, TypeVar

from ..errors import TaskError
from ..task import Example, Split
from .rows import HUB, Row, read_rows
from .task_settings import DataSettings

T = TypeVar("T")
Part = Literal["train", "dev", "test", "all"]
"""A source of rows."""
_PARTS: Sequence[Part] = ("train", "dev", "test", "all")


def read_parts(data: DataSettings, folder: Path) -> dict[Part, list[Row]]:
    """Read the rows of each source in the order of its file. Paths are relative to `folder`."""
    sources = {part: getattr(data, part) for part in _PARTS}
    return {part: list(read_rows(source, folder, data)) for part, source in sources.items() if source}


def cut(data: DataSettings, parts: Mapping[Part, Sequence[T]], seed: int) -> dict[Split, list[T]]:
    """Distribute what was made of the rows of each source to the splits.

    A single source is shuffled with `seed` and cut by `data.shares`. Without a source for dev, half of train,
    drawn with `seed`, becomes dev.
    """
    if "all" in parts:
        rows = list(parts["all"])
        Random(seed).shuffle(rows)
        first = round(data.shares[0] * len(rows))
        second = first + round(data.shares[1] * len(rows))
        return {"train": rows[:first], "dev": rows[first:second], "test": rows[second:]}
    train, test = list(parts.get("train", ())), list(parts.get("test", ()))
    if "dev" in parts:
        return {"train": train, "dev": list(parts["dev"]), "test": test}
    Random(seed).shuffle(train)
    half = len(train) // 2
    return {"train": train[half:], "dev": train[:half], "test": test}


def check_not_empty(name: str, rows: Mapping[Split, Sequence[T]], data: DataSettings, folder: Path) -> None:
    """Raise `TaskError` naming the file if dev or test has no rows."""
    for split in ("dev", "test"):
        if not rows[split]:
            raise TaskError(
                f"task {name}: no examples for {split} in {_source(data, split, folder)}. Add rows: "
                "candidates are scored on dev, the verdict rests on test."
            )


def check_ids(name: str, splits: Mapping[Split, Sequence[tuple[str, Example]]]) -> None:
    """Raise `TaskError` naming both places if an id occurs twice, within one split or in two."""
    seen: dict[str, tuple[Split, str]] = {}
    for split, placed in splits.items():
        for where, example in placed:
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


def sample(examples: Sequence[T], limit: int, seed: int) -> Sequence[T]:
    """Return at most `limit` of `examples`, drawn with `seed`; all of them, in order, if they are fewer."""
    if len(examples) <= limit:
        return examples
    return Random(seed).sample(examples, limit)


def _source(data: DataSettings, split: Split, folder: Path) -> str:
    named = data.all or (data.test if split == "test" else data.dev or data.train) or ""
    return named if named.startswith(HUB) else str(folder / named)
