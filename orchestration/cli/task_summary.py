"""Output of `tasks NAME`: a task, and the way its data are understood."""

import sys
from pathlib import Path

from ...agents.programs.request import program_request, read_request
from ...agents.roles.scoring_request import scoring_request
from ...agents.search.settings import SearchSettings
from ...prompts.candidate import make_candidate
from ...prompts.loading.summary import TaskSummary, summarise
from ...prompts.loading.task_loader import EVERY_ROW, LoadedTask, bundled_tasks, load_with_notes
from ...prompts.program import ProgramSettings
from ...prompts.task import Example, Task
from ..config import defaults
from ..config.settings import read_config
from ..deploy.bodies import body_of, likelihood_note
from ..deploy.winner import find_row
from ..runtime.assembly import find_task, with_own_texts
from .output import print_document, print_json, print_table


def print_task(name: str, config: Path | None, *, as_json: bool) -> None:
    """Load a task and print how its data are understood.

    Raise `ConfigError` if there is no task of that name, `TaskError` if its data cannot be used.
    """
    summary = summarise(_loaded(name, config))
    if as_json:
        print_document("task", summary)
        return
    print_table(["task", name], [[key, value] for key, value in _shown(summary).items() if value])
    for note in summary.notes:
        print(note)


def print_request(name: str, config: Path | None, row: str | None) -> None:
    """Print the body of the request for one row, with the first initial prompt; or what a program is given.

    It is asked in the way of the configuration, or without one in the usual way. Raise `ConfigError` if there
    is no task or no row of that name, `TaskError` if the data cannot be used.
    """
    task = _loaded(name, config).task
    if task.program is not None:
        _print_given(task, task.program, find_row(task, row))
        return
    path = config or defaults.CONFIG
    configured = read_config(path) if config is not None or path.is_file() else None
    settings = configured.search_settings() if configured else SearchSettings()
    prompt = make_candidate(task.initial_prompts[0], "initial")
    request = scoring_request(settings, prompt, task, find_row(task, row))
    if note := likelihood_note(request):
        print(note, file=sys.stderr)
    print_json(body_of(request, configured.models.scorer if configured else None))


def _print_given(task: Task, program: ProgramSettings, example: Example) -> None:
    """Print what the program of a task is given for a row, with the first initial prompt."""
    prompt = make_candidate(task.initial_prompts[0], "initial")
    given = read_request(program_request(task, prompt, example, max_tokens=1))
    print(
        f"Task {task.name} has a program, which makes its own requests. It is given:",
        file=sys.stderr,
    )
    print_json({"program": program, "example": given.row, "prompts": given.prompts})


def _shown(summary: TaskSummary) -> dict[str, str]:
    example = summary.example
    return {
        "answers": summary.type + (f": {', '.join(summary.labels)}" if summary.labels else ""),
        "in the data": summary.gold,
        "frame": summary.frame,
        "metrics": ", ".join(summary.metrics),
        "examples": f"{summary.train} train, {summary.dev} dev, {summary.test} test",
        "several answers": f"{summary.several} examples" if summary.several else "",
        "input": summary.input,
        "right": " or ".join(example.right_answers) if example else "",
    }


def _loaded(name: str, config: Path | None) -> LoadedTask:
    own, folder, seed = {}, Path(), 0
    if config is not None or (name not in bundled_tasks() and defaults.CONFIG.is_file()):
        path = config or defaults.CONFIG
        settings = read_config(path)
        own, folder, seed = settings.tasks, path.parent, settings.seed
    found, place = find_task(own, folder, name, "tp tasks")
    if found.program and not found.prompts:
        found = with_own_texts(name, found, found.program, place)
    return load_with_notes(name, found, place, EVERY_ROW, seed)
