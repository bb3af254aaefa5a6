"""Most tokens of a reply if a setting says "auto", and the tokens that a reply is expected to have.

The limit of a request depends on settings and on the task alone, so that every prompt is scored under the
same limit and a replay asks the same requests. At an endpoint a limit is generous: a reply that is cut off is
lost, and one that ends early costs no more. A model in this process gets what its answer needs, because it
may write nonsense up to any limit. What is expected only serves estimates and the amount held back for the
final comparison; a budget reserves the limit itself.
"""

from typing import Literal

from ...prompts.reading.proposals import MAX_CHARACTERS
from ...prompts.task import AnswerType, Task
from ..models.kinds import ModelKind

Limit = int | Literal["auto"]
_ROOM: dict[AnswerType, int] = {
    "label": 48,
    "letter": 48,
    "number": 48,
    "text": 48,
    "list": 96,
    "json": 192,
    "raw": 256,
}
"""Tokens of an answer with the words around it, such as a confidence."""
_OPEN = frozenset({"text", "list", "json", "raw"})
"""Types of answers that may be long. Their right answers show how long."""
_AROUND, _BYTES_PER_TOKEN = 32, 2
"""Tokens besides a long answer, and fewest bytes of a token in text of any language."""
_SAMPLE = 50
"""Number of right answers that are looked at."""
_REASONING = 208
"""Tokens of a short chain of thought."""
_ENDPOINT, _ENDPOINT_AT_LENGTH, _THINKING = 1024, 2048, 8192
_THOUGHT = 1000
"""Tokens that a thinking model is expected to think for."""
_PROPOSALS: dict[ModelKind, tuple[int, int]] = {
    "local": (160, 160),
    "endpoint": (2048, 400),
    "thinking": (8192, 1500),
}
"""Most and expected tokens of a proposal."""
_CHARACTERS: dict[ModelKind, int] = {"local": MAX_CHARACTERS, "endpoint": 8000, "thinking": 8000}
"""Length of the longest prompt for a kind of scorer."""


def answer_limit(setting: Limit, kind: ModelKind, task: Task, guesses: int = 1) -> int:
    """Return the most tokens of an answer to `task` with so many guesses."""
    if setting != "auto":
        return setting * guesses
    needed = _needed(task, guesses)
    if kind == "local":
        return needed
    if kind == "thinking":
        return max(_THINKING, 4 * needed)
    long = _may_reason(task) or task.answer.type in _OPEN
    return max(_ENDPOINT_AT_LENGTH if long else _ENDPOINT, 2 * needed)


def expected_answer(setting: Limit, kind: ModelKind, task: Task, guesses: int = 1) -> int:
    """Return the tokens that an answer is expected to have, before any has been seen."""
    limit = answer_limit(setting, kind, task, guesses)
    if kind == "local":
        return limit
    return min(limit, _needed(task, guesses) + (_THOUGHT if kind == "thinking" else 0))


def proposal_limit(setting: Limit, kind: ModelKind) -> int:
    """Return the most tokens of a proposal."""
    return _PROPOSALS[kind][0] if setting == "auto" else setting


def expected_proposal(setting: Limit, kind: ModelKind) -> int:
    """Return the tokens that a proposal is expected to have, before any has been seen."""
    return min(proposal_limit(setting, kind), _PROPOSALS[kind][1])


def longest_prompt(setting: Limit, kind: ModelKind) -> int:
    """Return the number of characters of the longest prompt, for a scorer of this kind."""
    return _CHARACTERS[kind] if setting == "auto" else setting


def _needed(task: Task, guesses: int) -> int:
    """Return the tokens that an answer needs, with its reasoning if it may have some."""
    room = _ROOM[task.answer.type]
    if task.answer.type in _OPEN:
        room = max(room, _AROUND + _longest_answer(task) // _BYTES_PER_TOKEN)
    return room * guesses + (_REASONING if _may_reason(task) else 0)


def _may_reason(task: Task) -> bool:
    """Return whether the request leaves room for reasoning before the answer."""
    short = task.frame == "answer+confidence" and not task.messages
    return not short and task.answer.type != "raw"


def _longest_answer(task: Task) -> int:
    """Return the bytes of the longest of some right answers."""
    examples = (task.train or task.dev)[:_SAMPLE]
    return max((len(text.encode()) for example in examples for text in example.right_answers), default=0)
