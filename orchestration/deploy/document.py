"""The winner as a JSON document: everything that a program needs to use it and to judge it."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from ...agents.messages import Comparison
from ...prompts.metrics.settings import MetricSettings
from ...prompts.named_texts import split_texts
from ...prompts.task import AnswerFormat, Frame
from .bodies import body_of, parameters_of
from .reading_note import reading_note
from .winner import Winner


class WinnerDocument(BaseModel):
    """A prompt, the request that was measured with it, and the evidence."""

    model_config = ConfigDict(extra="forbid")

    run: str
    prompt: str
    """Id of the prompt."""
    texts: dict[str, str]
    """Named texts that the prompt consists of."""
    messages: list[dict[str, str]]
    """Role and content of each turn, with placeholders such as "{{ question }}"; [] with a program."""
    without_context: list[dict[str, str]] | None
    """The turns for a row without a context, if the task has contexts."""
    columns: list[str]
    """Names of the placeholders, or of the inputs of the program."""
    task: str
    frame: Frame
    answer: AnswerFormat
    answering: str
    """Setting search.answer: "stated", "likelihood" or "both"."""
    guesses: int
    reading: str
    """How the answer was read, in words."""
    metrics: list[MetricSettings]
    """The main metric, then further ones; empty for the usual metric of the answers' type."""
    model: str
    """Name of the model in requests."""
    measured_with: str
    """Identity of the model that gave the measured answers."""
    parameters: dict[str, Any]
    """Parameters of the request besides model and messages; {} with a program, which sets its own."""
    finished: bool
    no_result: str | None
    verdict: str | None
    improved: bool | None
    p_value: float | None
    comparisons: list[Comparison]
    versions: dict[str, str]
    """Versions of the packages that made the run."""


def winner_document(winner: Winner) -> WinnerDocument:
    """Return the document of a winner. Raises `ConfigError` as its template does."""
    task, settings, finished = winner.task, winner.settings, winner.finished
    # A program words its requests itself.
    template = None if task.program else winner.template
    body = body_of(winner.request(winner.row()), winner.model)
    return WinnerDocument(
        run=winner.run,
        prompt=winner.candidate.id,
        texts=split_texts(winner.candidate.text, task.texts) or {},
        messages=template.messages() if template else [],
        without_context=template.messages_without_context() if template else None,
        columns=list(winner.columns),
        task=task.name,
        frame=task.frame,
        answer=task.answer,
        answering=settings.answer,
        guesses=settings.guesses,
        reading=reading_note(task, settings),
        metrics=list(task.metrics),
        model=body["model"],
        measured_with=winner.measured_with,
        parameters=parameters_of(body) if template else {},
        finished=finished is not None,
        no_result=winner.no_result,
        verdict=finished.verdict if finished else None,
        improved=finished.improved if finished else None,
        p_value=finished.p_value if finished else None,
        comparisons=list(finished.comparisons) if finished else [],
        versions=winner.started.versions,
    )
