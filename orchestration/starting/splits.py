"""Rows that are divided already: by the names of files, or by a column."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ...prompts.task import Split
from ..errors import ConfigError
from .columns import Column

_WORDS: Mapping[str, Split] = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "dev": "dev",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "test": "test",
    "testing": "test",
    "tst": "test",
}
"""Word for a split -> split."""
_ORDER: tuple[Split, ...] = ("train", "dev", "test")
_Part = TypeVar("_Part")
_COLUMNS = ("split", "fold", "subset", "partition", "set")


def files_by_split(folder: Path, suffixes: Sequence[str]) -> dict[str, Path]:
    """Return the files of a folder by the splits that their names tell, or its only file as "all".

    Raises `ConfigError` if the names do not tell a test split and another one.
    """
    files = sorted(one for one in folder.iterdir() if one.suffix.lower() in suffixes and one.is_file())
    if len(files) == 1:
        return {"all": files[0]}
    found: dict[str, Path] = {}
    for file in files:
        splits = {_WORDS[word] for word in re.findall(r"[a-z]+", file.stem.casefold()) if word in _WORDS}
        for split in splits:
            if split in found:
                raise ConfigError(
                    f"{folder}: {found[split].name} and {file.name} are both called {split}. Name one file "
                    "of rows, or keep one file for each split in a folder."
                )
            found[split] = file
    if not _are_enough(found):
        names = ", ".join(file.name for file in files) or "no file of rows"
        raise ConfigError(
            f"{folder} has {names}. Name one file of rows, or give a folder with files such as train.jsonl "
            "and test.jsonl."
        )
    return _in_order(found)


def split_column(columns: Mapping[str, Column]) -> Column | None:
    """Return the column that tells the split of each row, if there is one."""
    for column in columns.values():
        named = column.name.strip().casefold() in _COLUMNS
        if (
            named
            and len(column.texts) == len(column.rows)
            and {*map(str.casefold, column.texts)} <= {*_WORDS}
        ):
            return column
    return None


def by_split(rows: Sequence[Mapping[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each split without the column that tells it.

    They are not divided, and all stand under "all", unless there are a test split and another one.
    """
    bare = [{name: row[name] for name in row if name != column} for row in rows]
    splits = [_WORDS[str(row[column]).strip().casefold()] for row in rows]
    found: dict[str, list[dict[str, Any]]] = {split: [] for split in splits}
    for split, row in zip(splits, bare, strict=True):
        found[split].append(row)
    return _in_order(found) if _are_enough(found) else {"all": bare}


def _are_enough(splits: Collection[str]) -> bool:
    return "test" in splits and len(splits) > 1


def _in_order(splits: Mapping[str, _Part]) -> dict[str, _Part]:
    return {split: splits[split] for split in _ORDER if split in splits}
