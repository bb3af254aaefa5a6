"""A configuration for a file of data."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...prompts.errors import TaskError
from ...storage.errors import TransferPromptingError
from ..errors import ConfigError
from .forms import Form
from .from_data import Guess, guesses
from .source import Source, read_source
from .started import Started
from .written import SMALL, Draft, configuration, loaded

_MOST_ROWS = 2000
"""Number of rows by which a file is judged."""
_FEW = 50
_DIVIDED = '`all` is cut into train, dev and test by `shares`; group = "COLUMN" keeps rows together.'
_LONGEST_DESCRIPTION = 300  # characters


def from_data(
    file: Path,
    answer: str | None,
    place: Path,
    model: Mapping[str, Any] = SMALL,
    experience: Sequence[str] = (),
) -> Started:
    """Return a configuration at `place` for the rows of `file`, a model, and logs to learn from.

    `file` may be a folder with a file for each split.

    Raises `ConfigError` or `TaskError` if the file cannot be read, or nothing that was tried fits it.
    """
    source = read_source(file, place, _MOST_ROWS)
    rows = source.rows
    if not rows:
        raise ConfigError(f"{file} has no rows.")
    first: TransferPromptingError | None = None
    for guess in guesses(rows, answer):
        draft = _draft(file, source, guess, model, experience)
        text = configuration(draft)
        try:
            found = loaded(text, draft.name, place, source.beside)
        except (TaskError, ConfigError) as error:
            first = first or error
            continue
        task = found.task
        sizes = f"{len(rows)}{' or more' if len(rows) >= _MOST_ROWS else ''} rows: "
        sizes += f"{len(task.train)} train, {len(task.dev)} dev and {len(task.test)} test examples are used."
        notes = [note for note in found.notes if not note.endswith("not used.")]
        remarks = (*source.remarks, *guess.remarks, sizes, *few_rows(len(rows)), *notes)
        return Started(text, remarks, source.beside)
    raise ConfigError(
        f"{file}: no configuration was found that fits. The first that was tried: "
        f"{first or 'the column of the answers holds nothing usable.'} Name the column with the right "
        "answers: --answer COLUMN."
    )


def few_rows(count: int) -> list[str]:
    """Return the remark that is due if a task has so many rows."""
    few = f"{count} rows show only large differences between prompts. Add rows like them."
    return [few] if count < _FEW else []


def name_of(path: Path) -> str:
    """Return a name for a run and a task that reminds of a file."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:30]
    return name if name and name[0].isalnum() else "task"


def _draft(
    file: Path, source: Source, guess: Guess, model: Mapping[str, Any], experience: Sequence[str]
) -> Draft:
    data = {**source.settings, **guess.settings["data"]}
    return Draft(
        name=name_of(file),
        description=_description(guess.form, guess.own_prompt),
        settings={**guess.settings, "data": data},
        remarks=(
            *source.remarks,
            *guess.remarks,
            *([_DIVIDED] if "all" in source.settings else []),
        ),
        head=(f"Made by `tp init --data {file.name}`. Check what was guessed, then: tp run",),
        model=model,
        experience=experience,
    )


def _description(form: Form, own_prompt: str) -> str:
    if 0 < len(own_prompt) <= _LONGEST_DESCRIPTION:
        return own_prompt
    return {
        "label": "Classify each row.",
        "letter": "Choose the right answer.",
        "number": "Work out a number.",
        "list": "Name all items that apply.",
        "json": "Extract the fields.",
    }.get(form.answer["type"], form.prompt)
