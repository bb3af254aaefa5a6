"""The first reading rules, which old logs were written by, still read as they did."""

import pytest
from task_making import LETTER, NUMBER, TEXT, YES_NO, choosing, example

from transfer_prompting.prompts.reading.answers import is_right, read_reply
from transfer_prompting.prompts.reading.judgements import read_judgement
from transfer_prompting.prompts.reading.proposals import Unparsed, read_proposal
from transfer_prompting.prompts.reading.reading import Reading
from transfer_prompting.prompts.task import Task

CHOOSING = choosing("A", "a dog", "a cat")


@pytest.mark.parametrize(
    ("task", "text", "reading"),
    [
        (YES_NO, "Answer: yes\nConfidence: 90", Reading("yes", 0.9, followed=True)),
        (YES_NO, "**Answer:** Yes.\n**Confidence:** about 90%", Reading("yes", 0.9, followed=True)),
        (YES_NO, "<think>Answer: no\nConfidence: 30", Reading(None, 0.3)),
        (YES_NO, "<think>\nAnswer: no\nConfidence: 30", Reading("no", 0.3, followed=True)),
        (YES_NO, "Answer: yes\nConfidence: 0.9", Reading("yes", 0.9 / 100, followed=True)),
        (YES_NO, "Answer: yes\nConfidence: 9/10", Reading("yes", 0.09, followed=True)),
        (YES_NO, "Answer: yes\nAnswer: no", Reading("no", None)),
        (YES_NO, "yes", Reading(None, None)),
        (YES_NO, "Answer: yes, Confidence: 90", Reading(None, None)),
        (NUMBER, "Answer: 1.5e3\nConfidence: 90", Reading(None, 0.9)),
        (NUMBER, "Answer: 12k", Reading("12", None)),
        (NUMBER, "Answer: $-5", Reading("-5", None)),
        (NUMBER, "Answer: 1,234.50", Reading("1234.50", None)),
        (LETTER, "Answer: (b) a cat\nConfidence: 5", Reading("B", 0.05, followed=True)),
        (LETTER, "Answer: B (a cat)", Reading(None, None)),
        (TEXT, "Answer: [x]\nConfidence: 5", Reading("x", 0.05, followed=True)),
    ],
)
def test_answers(task: Task, text: str, reading: Reading) -> None:
    """Version 1 reads the last labelled line, in reasoning too, and then takes the reply for well-formed."""
    assert read_reply(text, task, CHOOSING, rules=1) == reading


def test_guesses() -> None:
    """Version 1 reads guesses with percentages, and a decimal fraction as a percentage."""
    text = "Guess 1: yes\nProbability 1: 0.8\nGuess 2: no\nProbability 2: 20%"
    assert read_reply(text, YES_NO, example(), 2, rules=1) == Reading("no", 0.2, followed=True)
    assert read_reply("Answer: yes\nConfidence: 90", YES_NO, example(), 2, rules=1) == Reading(None, None)


def test_comparison() -> None:
    """Version 1 compares all answers but numbers by their bare words."""
    signs = Task.model_validate(
        YES_NO.model_dump() | {"answer": {"type": "label", "labels": ["Great", "Great!"]}}
    )
    assert is_right("Great", signs, example("Great!"), rules=1)
    assert not is_right("Great", signs, example("Great!"))
    assert is_right("1.0", NUMBER, example("1"), rules=1)


def test_proposals() -> None:
    """Version 1 takes reasoning for an instruction, and every tag <text> for the mark of one."""
    assert read_proposal("<think>Write it well", rules=1) == "<think>Write it well"
    assert read_proposal("<instruction>Read the <text> well.</instruction>", rules=1) == "Read the well."
    assert read_proposal("1. Read it well.\n2. Go on.", rules=1) == "Read it well."
    with pytest.raises(Unparsed, match="no <instruction>"):
        read_proposal("Read it well.", marked=True, rules=1)


def test_judgements() -> None:
    """Version 1 reads a score in reasoning that was cut off."""
    assert read_judgement("<think>Score: 2 perhaps", (1, 5), rules=1) == 2
