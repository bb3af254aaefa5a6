"""A configuration for a file of data."""

import os
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ...prompts.errors import TaskError
from ...prompts.loading.rows import read_rows
from ...storage.errors import TransferPromptingError
from ..errors import ConfigError
from .from_data import Guess, guesses
from .started import Started
from .written import SMALL, Draft, configuration, loaded

_MOST_ROWS = 2000
"""Number of rows by which a file is judged."""


def from_data(
    file: Path,
    answer: str | None,
    place: Path,
    model: Mapping[str, Any] = SMALL,
    experience: Sequence[str] = (),
) -> Started:
    """Return a configuration at `place` for the rows of `file`, a model, and logs to learn from.

    Raises `ConfigError` or `TaskError` if the file cannot be read, or nothing that was tried fits it.
    """
    rows = [row for _, row in islice(read_rows(file.name, file.parent), _MOST_ROWS)]
    if not rows:
        raise ConfigError(f"{file} has no rows.")
    first: TransferPromptingError | None = None
    for guess in guesses(rows, answer):
        draft = _draft(file, guess, place, model, experience)
        text = configuration(draft)
        try:
            found = loaded(text, draft.name, place)
        except (TaskError, ConfigError) as error:
            first = first or error
            continue
        task = found.task
        sizes = f"{len(rows)}{' or more' if len(rows) == _MOST_ROWS else ''} rows: "
        sizes += f"{len(task.train)} train, {len(task.dev)} dev and {len(task.test)} test examples are used."
        notes = [note for note in found.notes if not note.endswith("not used.")]
        return Started(text, (*guess.remarks, sizes, *notes))
    raise ConfigError(
        f"{file}: no configuration was found that fits. The first that was tried: "
        f"{first or 'the column of the answers holds nothing usable.'} Name the column with the right "
        "answers: --answer COLUMN."
    )


def name_of(path: Path) -> str:
    """Return a name for a run and a task that reminds of a file."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:30]
    return name if name and name[0].isalnum() else "task"


def _draft(
    file: Path, guess: Guess, place: Path, model: Mapping[str, Any], experience: Sequence[str]
) -> Draft:
    source = os.path.relpath(file, place.parent).replace(os.sep, "/")
    data = {"all": source, **guess.settings["data"]}
    return Draft(
        name=name_of(file),
        description=_description(guess),
        settings={**guess.settings, "data": data},
        remarks=(
            *guess.remarks,
            '`all` is cut into train, dev and test by `shares`; group = "COLUMN" keeps rows together.',
        ),
        head=(f"Made by `tp init --data {file.name}`. Check what was guessed, then: tp run",),
        model=model,
        experience=experience,
    )


def _description(guess: Guess) -> str:
    return {
        "label": "Classify each row.",
        "letter": "Choose the right answer.",
        "number": "Work out a number.",
        "list": "Name all items that apply.",
        "json": "Extract the fields.",
    }.get(guess.form.answer["type"], guess.form.prompt)
