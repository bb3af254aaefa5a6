"""A pack: lessons in a file that holds no row of anybody's data. A pack from elsewhere is checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...agents.experience.carried import CarriedLesson
from ...agents.experience.rules import rules_of
from ...prompts.quotation import Rows
from ...prompts.validation_errors import describe_errors
from ..errors import ConfigError
from ..projections.experience.fold import Experience

_LARGEST = 10_000_000
"""Bytes of the largest pack that is read."""
_MOST = 20_000
"""Greatest number of lessons in a pack."""


class Pack(BaseModel):
    """Lessons to share."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    format: Annotated[Literal["transfer-prompting/experience/1"], Field(alias="schema")] = (
        "transfer-prompting/experience/1"
    )
    lessons: tuple[CarriedLesson, ...] = Field(max_length=_MOST)

    @field_validator("lessons")
    @classmethod
    def _are_sentences(cls, lessons: tuple[CarriedLesson, ...]) -> tuple[CarriedLesson, ...]:
        """Refuse what a log could not have taught: several sentences, and characters that cannot be seen."""
        for number, one in enumerate(lessons):
            lesson = one.lesson
            shown = (lesson.sentence, lesson.text, lesson.topic, one.model, *one.labels)
            if not all(text.isprintable() for text in shown):
                raise ValueError(f"lesson {number} holds control or invisible characters")
            if rules_of(lesson.sentence) != (lesson.sentence,):
                raise ValueError(f"lesson {number} is not one sentence of at most 400 characters")
            if not abs(lesson.mean) <= 1:
                raise ValueError(f"lesson {number} has a mean outside of [-1, 1]")
        return lessons


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack, and what was left out of it."""

    pack: Pack
    quoting: int
    """Number of sentences that repeat something of a row."""
    own: int
    """Number of sentences of the user's own first prompts, which may be private."""
    unfit: int
    """Number of sentences with control or invisible characters."""


def make_pack(experience: Experience) -> Packed:
    """Return the lessons of a log that can be shared."""
    found: list[CarriedLesson] = []
    quoting = own = unfit = 0
    rows = Rows(task for group in experience.groups.values() for task in group.tasks.values())
    for key, group in experience.groups.items():
        for one in group.learned():
            sentence = one.lesson.sentence
            if one.own:
                own += 1
            elif rows.quoted(sentence):
                quoting += 1
            elif not sentence.isprintable():
                unfit += 1
            else:
                found.append(one.carried(key))
    return Packed(Pack(lessons=tuple(found)), quoting, own, unfit)


def pack_text(pack: Pack) -> str:
    """Return a pack as the JSON of its file."""
    return pack.model_dump_json(by_alias=True, indent=2) + "\n"


def read_pack(path: Path) -> Pack:
    """Return the pack of a file. Raise `ConfigError` if it is missing, too large, or no pack."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _LARGEST else b""
    except OSError as error:
        raise ConfigError(f"The experience {path} cannot be read: {error.strerror}.") from error
    if size > _LARGEST:
        raise ConfigError(f"The experience {path} has {size:,} bytes; a pack has at most {_LARGEST:,}.")
    try:
        return Pack.model_validate_json(data)
    except ValidationError as error:
        hint = "`tp experience export` writes a pack; a log is named by its own file."
        raise ConfigError(describe_errors(f"Experience {path}", error, Pack, hint=hint)) from error
