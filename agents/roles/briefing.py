"""The briefing of the reference agent's model: what the scored model sees, and how its answers count."""

import re
from collections.abc import Mapping, Sequence

from ...prompts.candidate import make_candidate
from ...prompts.errors import TaskError
from ...prompts.message_templates import placeholders
from ...prompts.metrics.builtin import metrics_of, title
from ...prompts.named_texts import join_texts
from ...prompts.shortening import shorten
from ...prompts.sums import summed
from ...prompts.task import INSTRUCTION, Example, Task
from ..operators.briefing import Briefing
from ..search.settings import SearchSettings
from .scoring_request import scoring_request

_REQUEST = 2500
"""Most characters of the literal request."""
_ADDRESS = re.compile(r"openai:\w+://[^/\s]+(?:/[^:\s]*)?:")
_MAIN = ("accuracy", "metric")
"""Measures that are the main metric itself."""


def briefing_for(settings: SearchSettings, tasks: Sequence[Task], models: Mapping[str, str]) -> Briefing:
    """Return the briefing for a stage on `tasks`; `models` maps roles to the identities of their models.

    A brief one holds the limits alone.
    """
    if not settings.full_briefing:
        return Briefing(characters=settings.longest_prompt)
    task = tasks[0]
    likelihood = settings.answer == "likelihood"
    return Briefing(
        full=True,
        model=model_name(models.get("scorer", "")),
        request=_request(settings, task),
        tokens=0 if likelihood else settings.answer_tokens(task),
        likelihood=likelihood,
        metric=_metric(task),
        further=tuple(title(metric, task.answer.type) for metric in task.metrics[1:]),
        weighted=_weighted(settings),
        characters=settings.longest_prompt,
    )


def model_name(identity: str) -> str:
    """Return the name of a model, without the address of its server, its settings, and local folders."""
    name = identity.partition(" {")[0]
    if _ADDRESS.match(name):
        return _ADDRESS.sub("", name)
    return name.rsplit("/", 1)[-1]


def _request(settings: SearchSettings, task: Task) -> str:
    """Return the literal request for a training example with the place of the instruction marked.

    A prompt that places the input itself is shown as the user wrote it, because its place is the whole. A
    program has no literal request: the traces show those that it makes.
    """
    examples = task.train or task.dev
    if not examples or task.program:
        return ""
    example = min(examples, key=_size)
    own = task.initial_prompts[0]
    marks = {name: f"[{INSTRUCTION.upper() if len(task.texts) == 1 else name}]" for name in task.texts}
    text = own if placeholders(own) else join_texts(marks)
    try:
        request = scoring_request(settings, make_candidate(text, "initial"), task, example)
    except TaskError:
        return ""
    limit = _REQUEST // len(request.messages)
    if len(request.messages) == 1:
        return shorten(request.messages[0].text, limit)
    return "\n\n".join(f"{m.role}: {shorten(m.text, limit)}" for m in request.messages)


def _size(example: Example) -> tuple[int, str]:
    columns = sum(len(str(value)) for value in example.columns.values())
    return len(example.question) + len(example.context or "") + columns, example.id


def _metric(task: Task) -> str:
    """Return the title of the main metric; "" if an answer is right or wrong."""
    main = metrics_of(task)[0]
    return "" if main.use == "exact" else title(main, task.answer.type)


def _weighted(settings: SearchSettings) -> tuple[str, ...]:
    """Return the measures besides the main metric that count in the score, with their shares."""
    weights = settings.objective_weights
    total = summed(weights.values())
    return tuple(
        f"{name} ({100 * weight / total:.0f} %)"
        for name, weight in weights.items()
        if weight and name not in _MAIN
    )
