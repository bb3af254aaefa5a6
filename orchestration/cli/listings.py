"""What `tasks` and `doctor` print."""

from collections.abc import Mapping, Sequence

from ...prompts.task_settings import TaskSettings
from ..doctor import Check
from .documents import print_json
from .tables import print_table


def print_tasks(tasks: Mapping[str, TaskSettings], *, as_json: bool) -> None:
    """One line a task."""
    if as_json:
        print_json({name: task.model_dump(mode="json") for name, task in tasks.items()})
        return
    print_table(["task", "answer", "what"], [[n, t.answer.type, t.description] for n, t in tasks.items()])


def print_checks(checks: Sequence[Check], *, as_json: bool) -> None:
    """One line a finding."""
    if as_json:
        print_json([{"name": c.name, "ok": c.ok, "detail": c.detail, "optional": c.optional} for c in checks])
        return
    signs = {True: "yes", False: "no"}
    print_table(["", "here", "detail"], [[c.name, signs[c.ok], c.detail] for c in checks])
