"""Facts that several runs are compared by: settings, held-out examples, and cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .history import RunHistory
from .json_diff import leaves
from .run_state import RunState


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting in which the runs differ; a value is None if a run does not have the setting."""

    place: str
    values: tuple[Any, ...]


def differing_settings(histories: Sequence[RunHistory]) -> list[Setting]:
    """Return each leaf of the configurations, models and versions that is not the same in all runs."""
    written = [
        dict(leaves({**h.opening.config, "model in use": h.opening.models, "version": h.opening.versions}))
        for h in histories
    ]
    places = dict.fromkeys(place for values in written for place in values)
    found = (Setting(place, tuple(values.get(place) for values in written)) for place in places)
    return [setting for setting in found if any(value != setting.values[0] for value in setting.values)]


def same_held_out_examples(histories: Sequence[RunHistory]) -> bool:
    """Return whether all verdicts rest on the same questions, so that their accuracies can be compared."""
    return len({_questions(history) for history in histories}) == 1


def money_spent(state: RunState) -> float | None:
    """Return the money spent, in the currency of the configured prices; None if no model has a price."""
    return state.spending.spent(state.elapsed)["money"] if state.spending.priced else None


def _questions(history: RunHistory) -> tuple[str, ...]:
    """Return the questions of the held-out examples behind the verdict, sorted."""
    tasks = [history.tasks[name] for name in history.opening.target_tasks if name in history.tasks]
    finals = history.state.finals
    asked = {outcome.example for id_ in finals.finalists for outcome in finals.outcomes(id_)}
    return tuple(sorted(example.question for task in tasks for example in task.test if example.id in asked))
