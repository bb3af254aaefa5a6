"""Templates to text. Every word that a model is shown stands in a file of templates/, none in code."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from .candidate import Candidate
from .reading.guesses import wanted_guesses
from .task import Example, Task


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("transfer_prompting.prompts", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        auto_reload=False,  # else it looks at the files for every example
    )


def render(template: str, **values: object) -> str:
    """The text of `templates/<template>.jinja`; a value that is missing is an error."""
    return _environment().get_template(f"{template}.jinja").render(**values).strip()


def render_text(template: str, **values: object) -> str:
    """The text of a template that is given as it is; a value that is missing is an error."""
    return _environment().from_string(template).render(**values).strip()


def question(candidate: Candidate, task: Task, example: Example, *, stated: bool, guesses: int = 1) -> str:
    """One example as the model sees it, the candidate's text first so that examples share it.

    With `stated`, the answer and a confidence are demanded in a fixed form, or so many `guesses` with their
    probabilities; otherwise the answer is only looked for among the options.
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
