"""The names of measures: those of a Pareto front, and those that constraints and weights may have."""

from collections.abc import Sequence

from ...prompts.task import Task
from ..scoring.objective import MAIN
from .settings import SearchOptions
from .wording_settings import MEASURED


def compared(search: SearchOptions, tasks: Sequence[Task]) -> list[str]:
    """Return the measures of the Pareto front: the main metric, those with a weight, and further metrics."""
    weighted = [name for name, weight in search.weights.items() if weight]
    further = [metric.name for task in tasks for metric in task.metrics[1:]]
    return list(dict.fromkeys([MAIN, *weighted, *further]))


def check_measures(search: SearchOptions, tasks: Sequence[Task]) -> None:
    """Raise `ValueError` if a constraint or a weight names no measure of any of the `tasks`.

    Known are the measures of every run, the further metrics of the tasks with their parts (as
    "METRIC.PART"), and the judged dimensions. A metric must not have the name of one of the others.
    """
    judged = search.wording.names if search.wording else ()
    further = list(dict.fromkeys(metric.name for task in tasks for metric in task.metrics[1:]))
    for name in further:
        if name in MEASURED or name in judged:
            raise ValueError(
                f"metric {name}: a measure has this name already: give the metric another one, as in name = "
                '"mine"'
            )
    mains = {task.metrics[0].name for task in tasks if task.metrics} - {*further, *MEASURED, *judged}
    whole = {name.partition(".")[0] for name in (*further, *mains)}
    known = (*MEASURED, *further, *judged)
    places = {
        "search.constraints": [constraint.measure for constraint in search.limits],
        "search.weights": list(search.weights),
    }
    for place, names in places.items():
        for name in names:
            if name in mains:
                raise ValueError(f'{place}: {name} is the main metric, which is called "metric" here')
            prefix, dot, _ = name.partition(".")
            if name not in known and not (dot and prefix in whole):
                raise ValueError(
                    f"{place}: unknown measure {name}; known are {', '.join(known)}{_hint(search)}"
                )


def _hint(search: SearchOptions) -> str:
    return "" if search.wording else "; dimensions of the wording need a [search.wording]"
