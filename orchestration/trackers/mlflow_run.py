"""A run in MLflow. The tracking server is the one that MLflow's own variables name."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from ..errors import TrackerError
from .base import PROJECT, load
from .facts import RunFacts

_TAG = "transfer_prompting"
_IDENTITY = f"{_TAG}.identity"
_STATUSES = {"unfinished": "RUNNING", "failed": "FAILED", "finished": "FINISHED", "no result": "FINISHED"}
_BATCH = 100
"""The most parameters that MLflow takes in one request; of metrics it takes more."""
_LONGEST_TAG = 5000
T = TypeVar("T")


class MlflowRun:
    """The run at MLflow that carries the identity of `facts` as a tag, made if there is none.

    Parameters and points that MLflow has are not sent again: it keeps everything that it gets.
    """

    def __init__(self, facts: RunFacts, project: str | None) -> None:
        self._entities = load("mlflow.entities", "MLflow", "mlflow")
        with _errors():
            self._client = load("mlflow.tracking", "MLflow", "mlflow").MlflowClient()
            self._id: str = self._find(facts, project or os.environ.get("MLFLOW_EXPERIMENT_NAME") or PROJECT)
            data = self._client.get_run(self._id).data
            self._parameters = set(data.params)
            self._figures: dict[str, float] = dict(data.metrics)
            self._points = {name: self._logged(name) for name in facts.curve}
        self._prompts: dict[str, str] = {}

    def _find(self, facts: RunFacts, project: str) -> str:
        experiment = self._client.get_experiment_by_name(project)
        place = experiment.experiment_id if experiment else self._client.create_experiment(project)
        wanted = f"tags.`{_IDENTITY}` = '{facts.identity}'"
        found = self._client.search_runs([place], filter_string=wanted, max_results=1)
        if found:
            return str(found[0].info.run_id)
        tags = {_IDENTITY: facts.identity}
        made = self._client.create_run(place, start_time=facts.began, tags=tags, run_name=facts.run)
        return str(made.info.run_id)

    def _logged(self, name: str) -> set[tuple[int, float]]:
        return {(one.step, one.value) for one in self._client.get_metric_history(self._id, name)}

    def write(self, facts: RunFacts) -> None:
        """Write what MLflow lacks."""
        with _errors():
            self._write_parameters(facts)
            self._write_metrics([*self._new_points(facts), *self._new_figures(facts)])
            tags = [
                self._entities.RunTag(f"{_TAG}.{name.replace(' ', '_')}", text[:_LONGEST_TAG])
                for name, text in facts.words.items()
            ]
            self._client.log_batch(self._id, tags=tags)
            self._write_prompts(facts)
            self._write_status(facts)

    def close(self) -> None:
        """Do nothing: each request is complete."""

    def _write_parameters(self, facts: RunFacts) -> None:
        new = {name: value for name, value in facts.parameters.items() if name not in self._parameters}
        for some in _parts([self._entities.Param(name, value) for name, value in new.items()]):
            self._client.log_batch(self._id, params=some)
        self._parameters |= new.keys()

    def _new_points(self, facts: RunFacts) -> Iterator[Any]:
        for name, points in facts.curve.items():
            logged = self._points.setdefault(name, set())
            for point in points:
                if (point.evaluations, point.score) in logged:
                    continue
                logged.add((point.evaluations, point.score))
                at = facts.began + int(1000 * point.seconds)
                yield self._entities.Metric(name, point.score, at, point.evaluations)
                yield self._entities.Metric(f"{name} tokens", float(point.tokens), at, point.evaluations)

    def _new_figures(self, facts: RunFacts) -> Iterator[Any]:
        for name, value in facts.figures.items():
            if self._figures.get(name) != value:
                self._figures[name] = value
                yield self._entities.Metric(name, value, facts.last, facts.evaluations)

    def _write_metrics(self, metrics: Sequence[Any]) -> None:
        for some in _parts(metrics):
            self._client.log_batch(self._id, metrics=some)

    def _write_prompts(self, facts: RunFacts) -> None:
        for file, text in facts.prompts.items():
            if self._prompts.get(file) != text:
                self._client.log_text(self._id, text, file)
                self._prompts[file] = text

    def _write_status(self, facts: RunFacts) -> None:
        if facts.status == "unfinished":
            self._client.update_run(self._id, status=_STATUSES[facts.status])
        else:
            self._client.set_terminated(self._id, _STATUSES[facts.status], facts.last)


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]


@contextmanager
def _errors() -> Iterator[None]:
    """Turn the errors of MLflow and of its connection into those of trackers."""
    exceptions = load("mlflow.exceptions", "MLflow", "mlflow")
    try:
        yield
    except ModuleNotFoundError as error:
        # mlflow-skinny has no driver for a database of its own, which it uses without a server.
        raise TrackerError(
            f"MLflow needs the package {error.name} for this place. Name a server in MLFLOW_TRACKING_URI, "
            "or run: pip install mlflow"
        ) from error
    except (exceptions.MlflowException, OSError) as error:
        raise TrackerError(f"MLflow did not take the run: {error}") from error
