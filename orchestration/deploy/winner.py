"""The winner of a run, with all that its log says about the request that was measured."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from ...agents.messages import RunFinished, RunStarted, TaskLoaded
from ...agents.messages.codec import decode
from ...agents.models.base import ModelRequest
from ...agents.models.registry import ModelSettings
from ...agents.roles.scoring_request import scoring_request
from ...agents.search.settings import SearchSettings
from ...agents.stage_names import is_kind
from ...prompts.candidate import Candidate
from ...prompts.task import Example, Task
from ...storage.errors import UnknownRun
from ...storage.event import Event
from ...storage.reader import Reader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..config.settings import Config
from ..errors import ConfigError
from ..projections.last_stage import last_stage
from ..projections.no_result import find_reason
from ..runtime.recorded_run import opening_event, read_recorded
from ..trust.demands import all_demands
from ..trust.records import is_approved
from .template import RequestTemplate, template_of


@dataclass(frozen=True)
class Winner:
    """The prompt to use from a run, its task, and the settings under which it was measured."""

    run: str
    candidate: Candidate
    task: Task
    config: Config
    started: RunStarted
    finished: RunFinished | None
    """The verdict; None before it."""
    no_result: str | None
    """Reason why the verdict says nothing, as a sentence."""
    approved: bool
    """True if the run was started or approved here, so that its servers may be named in a program."""

    @cached_property
    def settings(self) -> SearchSettings:
        """The settings of the search, by which answers are asked for and read."""
        return self.config.search_settings()

    @cached_property
    def template(self) -> RequestTemplate:
        """The template of its requests. Raises `ConfigError` as `template_of` does."""
        return template_of(self.task, self.candidate.text, self.settings)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that its requests show, or that its program is given."""
        return self.task.program.inputs if self.task.program else self.template.columns

    @property
    def model(self) -> ModelSettings:
        """The settings of the scorer's model."""
        return self.config.models.scorer

    @property
    def measured_with(self) -> str:
        """Identity of the model that gave the measured answers."""
        return self.started.models.get("scorer", "")

    def with_config(self, config: Config) -> Self:
        """Return this winner with another configuration, such as one with models of the user's own."""
        return replace(self, config=config)

    def request(self, example: Example) -> ModelRequest:
        """Return the request for one row, as the scorer sends it."""
        return scoring_request(self.settings, self.candidate, self.task, example)

    def row(self, id_: str | None = None) -> Example:
        """Return the row with this id, or the first of the development rows. Raise `ConfigError` without."""
        return find_row(self.task, id_)


def read_winner(reader: Reader, run: str, candidate: Candidate | None = None) -> Winner:
    """Return the winner of a run, or another prompt of it with the same request.

    Raises:
        UnknownRun: No stage of the run has ended, or its task is not in the log.
        PayloadRedacted: A message that is needed was redacted.
        ConfigError: This version cannot read the configuration.
    """
    config, started = read_recorded(reader, run)
    finished = None
    for event in reader.read(run, kinds=("run.finished",)):
        finished = decode(_whole(event))
    assert finished is None or isinstance(finished, RunFinished)
    if candidate is None:
        candidate = (
            finished.best
            if finished
            else Candidate.model_validate(last_stage(run, reader)["best"]["candidate"])
        )
    data = opening_event(reader, run).data
    return Winner(
        run=run,
        candidate=candidate,
        task=_target(reader, run),
        config=config,
        started=started,
        finished=finished,
        no_result=find_reason(reader, run),
        approved=not all_demands(config) or is_approved(run, data, config),
    )


def find_row(task: Task, id_: str | None) -> Example:
    """Return the row of a task with this id, or the first of the development rows.

    Raise `ConfigError` if there is none.
    """
    rows = (*task.dev, *task.test, *task.train)
    if not rows:
        raise ConfigError(f"Task {task.name} has no rows in the log.")
    if id_ is None:
        return rows[0]
    found = next((example for example in rows if example.id == id_), None)
    if found is None:
        some = ", ".join(example.id for example in rows[:3])
        raise ConfigError(f"Task {task.name} has no row {id_!r}. Its rows are called {some} and so on.")
    return found


def _target(reader: Reader, run: str) -> Task:
    for event in reader.read(run, kinds=("task.loaded",)):
        message = decode(_whole(event))
        if isinstance(message, TaskLoaded) and is_kind(message.stage, "target"):
            return message.task
    raise UnknownRun(f"Run {run} holds no target task. It stopped before its data were in the log.")


def _whole(event: Event) -> Event:
    if is_redacted(event):
        raise PayloadRedacted(event)
    return event
