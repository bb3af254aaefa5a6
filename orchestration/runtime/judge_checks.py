"""Check before any call that the responses to the tasks of a run can be judged."""

from collections.abc import Callable, Sequence

from ...agents.grading.judge import judges_of
from ...prompts.errors import MetricError
from ...prompts.metrics.judge_options import JUDGE
from ...prompts.task import Task
from ..calls.model_pool import ModelPool
from ..config.settings import Config
from ..errors import ConfigError

_UNUSED = (
    f'[models.{JUDGE}] is not asked: no task has metric = {{ use = "{JUDGE}" }}, and there is no '
    "[search.wording]."
)


def check_judges(
    config: Config, tasks: Sequence[Task], pool: ModelPool, say: Callable[[str], None] | None = None
) -> None:
    """Raise `ConfigError` if a task has a judge that cannot be asked: for want of a model or a right answer.

    `say` is called with a remark if the judge's model has nothing to do.
    """
    judged = [task for task in tasks if _check(task)]
    if judged and JUDGE not in pool:
        raise ConfigError(
            f'task {judged[0].name}: metric = {{ use = "{JUDGE}" }} asks a model: describe it as '
            f"[models.{JUDGE}]."
        )
    if say is not None and not judged and config.search.wording is None and config.models.judge is not None:
        say(_UNUSED)


def _check(task: Task) -> bool:
    """Return whether the task has a judge. Raise `ConfigError` if it has one that cannot work."""
    try:
        judges = judges_of(task)
        for judge in judges:
            for example in (*task.dev, *task.test):
                judge.check(example)
    except MetricError as error:
        raise ConfigError(f"task {task.name}: {error}") from error
    return bool(judges)
