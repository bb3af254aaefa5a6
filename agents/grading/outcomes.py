"""The outcome of one example: the reading of the reply and the grades of its metrics, in one record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...prompts.metrics.grade import Grade, Output
from ...prompts.reading.reading import Reading
from ...prompts.task import Example
from ..messages.scores import Outcome, TraceStep

_LONGEST_OUTPUT = 1500
"""Characters of a failing reply that an outcome keeps, from its beginning and its end."""
_LONGEST_FEEDBACK = 500
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply as it was read: the output that the metrics see, and what the confidence measures need."""

    example: Example
    reading: Reading
    output: Output
    likelihood: float | None = None
    """Normalised likelihood of a stated answer among the options."""
    trace: tuple[TraceStep, ...] = ()
    """Steps of the program that has made the output."""
    tokens: tuple[int, int] = (0, 0)
    """Tokens of the prompts and of the replies that the answer rests on."""
    requests: Mapping[str, int] = field(default_factory=dict)
    """Digest of a request of the program -> its tokens."""

    def with_answer(self, answer: str | None) -> "Answered":
        """Return the same with another answer, as a function of the user's has read it."""
        reading = replace(self.reading, answer=answer, followed=None)
        return replace(self, reading=reading, output=replace(self.output, answer=answer))


def outcome_of(answered: Answered, correct: bool, grades: Mapping[str, Grade], main: str | None) -> Outcome:
    """Return the outcome of a reply.

    `grades` holds the grades by metric. `main` names the main metric; None if being right is the metric, as
    `correct` says.
    """
    value = float(correct) if main is None else round(grades[main].value, _DIGITS)
    correct = value >= 1
    reading, output = answered.reading, answered.output
    wrong = value < 1
    return Outcome(
        example=answered.example.id,
        answer=reading.answer,
        correct=correct,
        followed=reading.followed,
        confidence=reading.confidence,
        likelihood=answered.likelihood,
        graded=None if value in (0, 1) else value,
        metrics=_further(grades, main),
        feedback={
            name: grade.feedback[:_LONGEST_FEEDBACK]
            for name, grade in grades.items()
            if grade.feedback and grade.value < 1
        },
        output=shortened(output.text, _LONGEST_OUTPUT) if wrong and not _says_it_all(reading, output) else "",
        cut=output.cut,
        trace=answered.trace if wrong else (),
        weight=answered.example.weight,
    )


def shortened(text: str, longest: int) -> str:
    """Return `text` without its middle if it has more than `longest` characters."""
    if len(text) <= longest:
        return text
    head = longest * 2 // 3
    return f"{text[:head]} [... {len(text) - longest} characters ...] {text[len(text) - (longest - head) :]}"


def _says_it_all(reading: Reading, output: Output) -> bool:
    """Return whether the answer alone tells what the reply was."""
    return reading.answer is not None and (reading.followed is True or output.text.strip() == reading.answer)


def _further(grades: Mapping[str, Grade], main: str | None) -> dict[str, float]:
    further = {name: grade.value for name, grade in grades.items() if name != main}
    parts = {f"{name}.{part}": value for name, grade in grades.items() for part, value in grade.parts.items()}
    return {name: round(value, _DIGITS) for name, value in {**further, **parts}.items()}
