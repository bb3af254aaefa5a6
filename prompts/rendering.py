"""Render templates as text. All words that a model is shown are in templates/, none in the code."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from .candidate import Candidate
from .reading.guesses import wanted_guesses
from .shortening import shorten
from .task import Example, Task


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("transfer_prompting.prompts", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        auto_reload=False,  # Otherwise the files are checked again for every example.
    )
    environment.filters["shorten"] = shorten
    return environment


def render(template: str, **values: object) -> str:
    """Render `templates/<template>.jinja`. Raises `jinja2.UndefinedError` if a value is missing."""
    return _environment().get_template(f"{template}.jinja").render(**values).strip()


def render_text(template: str, **values: object) -> str:
    """Render a template that is given as text. Raises `jinja2.UndefinedError` if a value is missing."""
    return _environment().from_string(template).render(**values).strip()


def question(candidate: Candidate, task: Task, example: Example, *, stated: bool, guesses: int = 1) -> str:
    """Return one example as the model sees it.

    The candidate's text comes first, so that all examples share it as their prefix. With `stated`, an answer
    and its confidence are demanded in a fixed form, or `guesses` answers with their probabilities. Without
    it, no form is demanded: the likelihoods of the options decide.
    """
    return render(
        "question",
        instruction=candidate.text,
        example=example,
        labels=task.answer.labels,
        answer_type=task.answer.type,
        stated=stated,
        guesses=wanted_guesses(task, example, guesses),
    )
