"""How the answer was read from a reply, in words, for whoever uses the prompt elsewhere."""

from ...agents.search.settings import SearchSettings
from ...prompts.task import Task

_KINDS = {
    "label": "one of the labels",
    "letter": "the letter of a choice",
    "number": "a number, compared by value",
    "text": "a text, compared without regard to case, spacing and final punctuation",
    "list": "a list of items, in any order",
    "json": "a JSON value",
    "raw": "the whole reply",
}


def reading_note(task: Task, settings: SearchSettings) -> str:
    """Return how an answer to `task` was read, in a few sentences."""
    answer = task.answer
    if settings.answer == "likelihood" and answer.type in ("label", "letter"):
        return (
            "No answer was generated. The answer was the likeliest of the options, by their likelihoods as "
            "the reply, which a chat completion does not give."
        )
    kind = _KINDS[answer.type]
    if answer.labels:
        kind += f" ({', '.join(answer.labels)})"
    note = f"Reasoning before the answer is left out. {_place(task, settings)} It is {kind}."
    if task.frame == "answer+confidence":
        word = "Probability" if settings.guesses > 1 else "Confidence"
        note += f' The confidence from 0 to 100 stands after "{word}".'
    return note


def _place(task: Task, settings: SearchSettings) -> str:
    answer = task.answer
    if answer.pattern:
        return f"The answer is the last match of the regular expression {answer.pattern!r}."
    if answer.marker:
        return f"The answer stands after the last {answer.marker!r}."
    if task.frame == "answer+confidence" and settings.guesses > 1:
        return 'The answer is the likeliest guess, on the line "Guess ...:".'
    if task.frame != "own":
        return 'The answer stands after "Answer:".'
    return "The answer is found in the reply."
