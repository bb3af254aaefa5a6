"""The request by which a judge rates a response: the material between tags that it cannot close."""

import re

from ..reading.cleaning import visible
from ..reading.stated import spoken
from ..rendering import render
from ..request import input_text
from ..rubric import Dimension
from ..task import Example, Task
from .grade import Output

_OPENING = re.compile(r"[<＜‹﹤](?=\s{0,9}[/／∕]?\s{0,9}(?:given|response)\s?_)|<(?=[|｜])", re.IGNORECASE)
"""A sign that would begin one of the tags of the request, or a special token of a model."""


def judged_text(task: Task, output: Output) -> str:
    """Return the part of a reply that is judged, without reasoning; "" if nothing was said.

    It is the whole reply, or the answer alone if the task's frame has demanded lines around it.
    """
    if task.frame != "own" and output.answer is not None:
        return output.answer.strip()
    return spoken(output.text).strip()


def score_request(
    task: Task, example: Example, response: str, dimension: Dimension, scale: tuple[int, int], *, gold: bool
) -> str:
    """Return the request for the score of a response in one dimension; `gold` shows the right answer."""
    low, high = scale
    return render(
        "judge_response",
        **_material(task, example),
        reference=quoted("\nor\n".join(example.right_answers)) if gold else "",
        response=quoted(response),
        dimension=dimension,
        low=low,
        high=high,
    )


def pair_request(task: Task, example: Example, response: str, dimension: Dimension, *, swapped: bool) -> str:
    """Return the request to compare a response with the right answer, which comes first if `swapped`."""
    first, second = (example.answer, response) if swapped else (response, example.answer)
    return render(
        "judge_pair",
        **_material(task, example),
        first=quoted(first),
        second=quoted(second),
        dimension=dimension,
    )


def quoted(text: str) -> str:
    """Return a text that can neither close a tag of the request nor open another one."""
    return _OPENING.sub("&lt;", visible(text)).strip()


def _material(task: Task, example: Example) -> dict[str, str]:
    shown = input_text(task, example)
    context = example.context or ""
    return {
        "description": quoted(task.description),
        "input": quoted(shown),
        "context": quoted(context) if context and context not in shown else "",
    }
