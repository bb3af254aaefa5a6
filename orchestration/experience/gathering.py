"""What a new run takes from the logs, runs and packs that its configuration names."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ...agents.experience.carried import CarriedLesson
from ...agents.messages import ExperienceLoaded
from ...prompts.candidate import normalised
from ...prompts.task import Task
from ...storage.opening import open_reader
from ...storage.place import Place, is_url, to_place
from ..errors import ConfigError
from ..projections.experience.fold import Experience
from .pack import read_pack

_SQLITE = b"SQLite format 3\x00"
_MOST = 300
"""Greatest number of lessons that a run takes with it."""


class _Origin(NamedTuple):
    """A log, or one run of a log, or a pack."""

    place: Place
    run: str = ""
    """Name of the run, or the beginning of its name; empty for all runs of a log."""


def of_run(log: Place, run: str) -> Place:
    """Return the place that stands for one run of a log, `LOG#RUN`."""
    return to_place(f"{log}#{run}")


def load_experience(
    places: Sequence[Place],
    target: Task,
    model: str,
    say: Callable[[str], None] | None = None,
    name: str = "",
) -> ExperienceLoaded:
    """Return the lessons that may help with `target` on the `model`, from logs, single runs and packs.

    `name` is that of the target if the run has several.

    Raise `ConfigError` if a place holds none of these, and `UnknownRun` if a log lacks a run.
    """
    origins = list(map(_origin, places))
    logs = {origin: _is_log(origin) for origin in origins}
    found, names = _of_logs([origin for origin in origins if logs[origin]])
    found += [one for origin in origins if not logs[origin] for one in read_pack(Path(origin.place)).lessons]
    fitting = _distinct(one for one in found if _fits(one, target, model))
    fitting.sort(key=lambda one: (-one.for_model(model).z, one.lesson.sentence))
    loaded = ExperienceLoaded(
        origins=tuple(names.get(origin) or _name(origin.place) for origin in origins),
        model=model,
        lessons=tuple(fitting[:_MOST]),
        left_out=len(found) - len(fitting[:_MOST]),
        target=name,
    )
    if say is not None:
        say(f"experience: {loaded.gist()}; {loaded.left_out} left out")
    return loaded


def _origin(place: Place) -> _Origin:
    log, mark, run = str(place).rpartition("#")
    # A file may have this character in its name.
    if not mark or (not is_url(log) and Path(place).is_file()):
        return _Origin(place)
    return _Origin(to_place(log), run)


def _of_logs(origins: Iterable[_Origin]) -> tuple[list[CarriedLesson], dict[_Origin, str]]:
    """Return what the logs teach together, and the names of the origins that are single runs.

    Sentences of their tasks' own first prompts stay there.
    """
    experience, names = Experience(), {}
    for origin in origins:
        with open_reader(origin.place) as reader:
            run = reader.resolve(origin.run) if origin.run else None
            if run is not None:
                names[origin] = f"{_name(origin.place)}#{run}"
            experience.read(reader, run)
    found = [
        one.carried(key) for key, group in experience.groups.items() for one in group.learned() if not one.own
    ]
    return found, names


def _fits(carried: CarriedLesson, target: Task, model: str) -> bool:
    """Return whether a lesson may help: one on such answers, that names no label which the target lacks."""
    lesson = carried.lesson
    text = lesson.text in target.texts if lesson.text else len(target.texts) == 1
    known = {normalised(label) for label in target.answer.labels}
    return (
        carried.answers == target.answer.type
        and text
        and carried.for_model(model).mean > 0
        and known.issuperset(map(normalised, carried.labels))
    )


def _distinct(lessons: Iterable[CarriedLesson]) -> list[CarriedLesson]:
    """Return the lessons with the most evidence of each sentence. What one model liked is one lesson."""
    best: dict[tuple[str, str, str], CarriedLesson] = {}
    for one in lessons:
        key = (one.model, one.lesson.text, one.lesson.sentence)
        if key not in best or one.lesson.answers > best[key].lesson.answers:
            best[key] = one
    return list(best.values())


def _is_log(origin: _Origin) -> bool:
    """Return whether the place is that of a log, and not of a pack. Raise `ConfigError` if it is neither."""
    if not isinstance(origin.place, Path):
        return True
    try:
        with origin.place.open("rb") as file:
            found = file.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise ConfigError(
            f"The experience {origin.place} cannot be read: {error.strerror}. Name a log, or a pack that "
            "`tp experience export` has written."
        ) from error
    if origin.run and not found:
        raise ConfigError(f"The experience {origin.place} is no log, so it holds no run {origin.run}.")
    return found


def _name(place: Place) -> str:
    """Return the name of a log or pack without its folder, server and user."""
    return "PostgreSQL" if is_url(str(place)) else Path(place).name
