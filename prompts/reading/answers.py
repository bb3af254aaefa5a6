"""Answers in replies: read them, compare them with the right answer, and check the right answer itself."""

from string import ascii_uppercase

from ..errors import TaskError
from ..metrics.grade import Output
from ..task import Example, Task
from .guesses import read_guesses, wanted_guesses
from .kinds import KINDS, read_answer
from .reading import Reading
from .stated import read_stated


def read_reply(text: str, task: Task, example: Example, guesses: int = 1, *, cut: bool = False) -> Reading:
    """Read the answer and the stated confidence in a reply.

    The demanded form is "Answer: ...", "Confidence: 0 to 100"; see `read_stated`. If several `guesses` were
    asked for, it is "Guess 1: ...", "Probability 1: 0 to 100" and so on; see `read_guesses`. `cut` says that
    the reply was cut off at its token limit.
    """
    wanted = wanted_guesses(task, example, guesses)
    if wanted > 1:
        return read_guesses(text, task, example, wanted, cut=cut)
    return read_stated(text, task, example, cut=cut)


def read_output(
    text: str, task: Task, example: Example, guesses: int = 1, *, cut: bool = False
) -> tuple[Reading, Output]:
    """Return the reading of a reply, and the output that the metrics see."""
    reading = read_reply(text, task, example, guesses, cut=cut)
    return reading, Output(text, reading.answer, cut)


def is_right(answer: str | None, task: Task, example: Example) -> bool:
    """Return whether a canonical answer equals one of the example's right answers."""
    if answer is None:
        return False
    same = KINDS[task.answer.type].same
    rights = (read_answer(gold, task, example) for gold in example.right_answers)
    return any(right is not None and same(answer, right) for right in rights)


def check_example(task: Task, example: Example, where: str) -> None:
    """Raise `TaskError` naming `where` if no reply could give the example's own answer."""
    if not example.question.strip():
        raise TaskError(f"{where}: the question is empty. Fill it in or drop the row.")
    if task.answer.type == "letter" and not 2 <= len(example.choices or ()) <= len(ascii_uppercase):
        raise TaskError(f'{where}: answers of type "letter" need a list of 2 to 26 choices in each row.')
    if read_answer(example.answer, task, example) is None:
        options = task.options(example)
        allowed = f"one of {', '.join(options)}" if options else f"a {task.answer.type}"
        raise TaskError(
            f"{where}: the answer {example.answer!r} is not {allowed}. Correct the row or the task."
        )
