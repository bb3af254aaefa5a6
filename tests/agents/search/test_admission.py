"""Which proposals are scored, and why the others are not."""

import pytest

from transfer_prompting.agents.search.admission import distinct, reason_to_reject
from transfer_prompting.agents.search.standings import Standings
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.reading.proposals import MAX_CHARACTERS
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

LONG = "Which river flows through the town of Basel?"


def task() -> Task:
    def row(id_: str, question: str) -> Example:
        return Example(id=id_, question=question, answer="x")

    return Task(
        name="toy",
        description="Answer.",
        answer=AnswerFormat(type="text"),
        initial_prompts=("Answer.",),
        train=(row("train-1", "Which mountain stands above Zermatt?"),),
        dev=(row("dev-1", LONG), row("dev-2", "Is it so?")),
        test=(row("test-1", "Which lake lies beside the town of Zug?"),),
    )


def reason(text: str, *known: str) -> str | None:
    standings = Standings([task()], {"accuracy": 1.0})
    for one in known:
        standings.add(make_candidate(one, "initial"))
    return reason_to_reject(make_candidate(text, "history"), standings, [task()])


def test_admitted() -> None:
    """A new instruction is admitted."""
    assert reason("Think, then answer.", "Answer.") is None


@pytest.mark.parametrize("text", ["Answer.", "  answer  ", "ANSWER!"])
def test_tried_before(text: str) -> None:
    """The same words are not scored twice, however they are written."""
    assert reason(text, "Answer.") == "it was tried before"


def test_empty() -> None:
    """An empty proposal is rejected."""
    assert reason("  \n ") == "it is empty"


def test_too_long() -> None:
    """A proposal may have as many characters as an instruction, and not one more."""
    assert reason("x" * MAX_CHARACTERS) is None
    assert reason("x" * (MAX_CHARACTERS + 1)) == "it has 2001 characters, at most 2000 are allowed"


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        (f"For example: {LONG} The Rhine.", "dev-1"),
        (f"For example: {LONG.upper()}", "dev-1"),
        ("which  lake lies\nbeside the town of zug?", "test-1"),
    ],
)
def test_leaked(text: str, leak: str) -> None:
    """A proposal that holds a question on which it would be scored is rejected, naming the example."""
    assert reason(text) == f"it repeats example {leak}, whose answer it would give away"


def test_training_examples_are_no_leak() -> None:
    """Training examples may be shown."""
    assert reason("Which mountain stands above Zermatt? The Matterhorn.") is None


def test_short_questions_are_no_leak() -> None:
    """A short question may stand in an instruction by chance."""
    assert reason("Ask yourself: is it so? Then answer.") is None


def test_distinct() -> None:
    """Of candidates with the same words the first is kept, in the order given."""
    first, second = make_candidate("One.", "initial"), make_candidate("Two.", "seed")
    again = make_candidate("one", "seed")
    assert distinct([first, second, again]) == [first, second]
    assert distinct([]) == []
