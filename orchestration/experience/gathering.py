"""What a new run takes from the logs and packs that its configuration names."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from ...agents.experience.carried import CarriedLesson
from ...agents.messages import ExperienceLoaded
from ...prompts.candidate import normalised
from ...prompts.task import Task
from ...storage.opening import open_reader
from ...storage.place import Place, is_url
from ..errors import ConfigError
from ..projections.experience.fold import read_experience
from .pack import read_pack

_SQLITE = b"SQLite format 3\x00"
_MOST = 300
"""Greatest number of lessons that a run takes with it."""


def load_experience(
    places: Sequence[Place], target: Task, model: str, say: Callable[[str], None] | None = None
) -> ExperienceLoaded:
    """Return the lessons that may help with `target` on the `model`, from logs and packs.

    Raise `ConfigError` if a place holds neither.
    """
    logs = [place for place in places if _is_log(place)]
    packs = [Path(place) for place in places if place not in logs]
    found = _of_logs(logs) + [one for path in packs for one in read_pack(path).lessons]
    fitting = _distinct(one for one in found if _fits(one, target, model))
    fitting.sort(key=lambda one: (-one.for_model(model).z, one.lesson.sentence))
    loaded = ExperienceLoaded(
        origins=tuple(map(_name, places)),
        model=model,
        lessons=tuple(fitting[:_MOST]),
        left_out=len(found) - len(fitting[:_MOST]),
    )
    if say is not None:
        say(f"experience: {loaded.gist()}; {loaded.left_out} left out")
    return loaded


def _of_logs(logs: Sequence[Place]) -> list[CarriedLesson]:
    """Return what the logs teach together; sentences of their tasks' own first prompts stay there."""
    with ExitStack() as open_logs:
        experience = read_experience(open_logs.enter_context(open_reader(log)) for log in logs)
    return [
        one.carried(key) for key, group in experience.groups.items() for one in group.learned() if not one.own
    ]


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


def _is_log(place: Place) -> bool:
    if not isinstance(place, Path):
        return True
    try:
        with place.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise ConfigError(
            f"The experience {place} cannot be read: {error.strerror}. Name a log, or a pack that "
            "`tp experience export` has written."
        ) from error


def _name(place: Place) -> str:
    """Return the name of a log or pack without its folder, server and user."""
    return "PostgreSQL" if is_url(str(place)) else Path(place).name
