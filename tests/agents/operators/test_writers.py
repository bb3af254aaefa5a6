"""Operators that have a model write: their questions, and the reading of the replies."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_making import PROMPTS, SHOWING, TRAIN, material, mistakes, parent
from outcome_making import PROPERTY

from transfer_prompting.agents.operators.base import Question, Writer
from transfer_prompting.agents.operators.format_repair import FormatRepair
from transfer_prompting.agents.operators.history import History
from transfer_prompting.agents.operators.library import OPERATORS
from transfer_prompting.agents.operators.material import Attempt, Material
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.agents.operators.reflection import Reflection
from transfer_prompting.agents.operators.simplification import Simplification
from transfer_prompting.prompts.demonstrations import split_prompt
from transfer_prompting.prompts.reading.proposals import MAX_CHARACTERS, Unparsed
from transfer_prompting.prompts.task import Example

WRITERS = sorted(name for name, operator in OPERATORS.items() if isinstance(operator, Writer))
REPLY = "It lacks a form. <instruction>Answer in a word.</instruction>"

PIECES = ["<instruction>", "</instruction>", "a b", "\n", "```", "Examples:"]


def ask(name: OperatorName, material: Material, seed: int = 1) -> Question:
    """Return the question that the operator asks a model."""
    operator = OPERATORS[name]
    assert isinstance(operator, Writer)
    return operator.question(material, Random(seed))


def read(name: OperatorName, reply: str, *texts: str) -> str:
    """Return the prompt that the operator reads in a reply about the prompts `texts`."""
    operator = OPERATORS[name]
    assert isinstance(operator, Writer)
    return operator.read(reply, Question("?", tuple(parent(text) for text in texts)))


@pytest.mark.parametrize("name", WRITERS)
def test_every_question(name: OperatorName) -> None:
    """Each question briefly shows the task with its labels, a prompt, and the tags for the new one."""
    text = ask(name, material(wrong=mistakes())).text
    assert "Task: Sort the letters. Possible answers: a, b, c.\n" in text
    assert any(split_prompt(prompt)[0] in text for prompt in PROMPTS)
    assert text.endswith("between <instruction> and </instruction>.")
    assert len(text.split()) < 300
    assert "\n\n\n" not in text


@pytest.mark.parametrize("name", WRITERS)
def test_demonstrations_are_not_shown(name: OperatorName) -> None:
    """A model that writes an instruction is not shown the demonstrations of the old one: they cost tokens."""
    long = SHOWING.replace(
        "Look at the examples.", "Look well at each of the examples that follow, and then decide."
    )
    shown = material(long, "Answer the question.", wrong=mistakes())
    for seed in range(10):
        text = ask(name, Material(shown.parents, (), shown.tasks), seed).text
        assert TRAIN[0].question not in text


def test_several_tasks() -> None:
    """In a stage with several tasks, all of them are described."""
    text = ask("history", material(tasks=2)).text
    assert text.index("Task 1: Sort") < text.index("Task 2: Sort")


def test_history() -> None:
    """The prompts are shown in ascending order of score, with exemplars and their right answers."""
    text = ask("history", material()).text
    places = [text.index(split_prompt(prompt)[0]) for prompt in reversed(PROMPTS)]
    assert places == sorted(places)
    assert '<instruction score="89" followed-by="worked examples">Look at the examples.' in text
    assert f"Input: {TRAIN[1].question}\nRight answer: b\n" in text


def test_history_shows_each_instruction_once() -> None:
    """Prompts that differ only in their examples are shown once, with the best score."""
    other = SHOWING.replace("Answer: b", "Answer: c")
    text = ask("history", material(SHOWING, other)).text
    assert text.count("Look at the examples.") == 1
    assert 'score="90"' in text


def test_history_from_nothing() -> None:
    """Without a history, the model writes from the description alone."""
    question = History().question(Material([], (), material().tasks), Random(1))
    assert "tried so far" not in question.text
    assert question.parents == ()
    assert History().read("<instruction>Sort them well.</instruction>", question) == "Sort them well."


def test_reflection() -> None:
    """A prompt is shown with some of its mistakes, each with the wrong and the right answer."""
    wrong = [*mistakes("b", 1), Attempt(TRAIN[3], None)]
    text = ask("reflection", material(wrong=wrong)).text
    assert "Input: Which shelf is right for parcel 0?\nIts answer: b\nRight answer: a\n" in text
    assert f"Input: {TRAIN[3].question}\nIts answer: none that could be read\nRight answer: b\n" in text


def test_reflection_mends_the_best() -> None:
    """Reflection takes the best prompt with mistakes more often than the second, and takes no other."""
    parents = [parent(f"Prompt {n}.", 90 - n, mistakes() if n else ()) for n in range(5)]
    many = Material(parents, (), material().tasks)
    chosen = [Reflection().question(many, Random(seed)).parents[0].instruction for seed in range(200)]
    assert set(chosen) == {"Prompt 1.", "Prompt 2."}
    assert chosen.count("Prompt 1.") > chosen.count("Prompt 2.")


def test_reflection_needs_mistakes() -> None:
    """Reflection needs mistakes, and format repair needs unreadable answers."""
    assert not Reflection().suits(material())
    assert not FormatRepair().suits(material(wrong=mistakes("b")))


def test_format_repair() -> None:
    """Format repair shows only inputs whose answer could not be read."""
    text = ask("format_repair", material(wrong=[*mistakes("b", 2), Attempt(TRAIN[3], None)])).text
    assert f"Input: {TRAIN[3].question}\nThe reply should have been: b\n" in text
    assert "parcel" not in text


@pytest.mark.parametrize(("name", "most"), [("reflection", 5), ("format_repair", 3)])
def test_mistakes_are_capped_and_cut(name: OperatorName, most: int) -> None:
    """The number of mistakes shown is limited, and long ones are cut."""
    endless = Example(
        id="e",
        question="why " * 2000,
        context="because " * 2000,
        answer="x" * 3000,
        choices=("perhaps " * 500,) * 26,
    )
    wrong = [Attempt(endless, None)] * 40
    text = ask(name, material(wrong=wrong)).text
    assert text.count("Input: ") == most
    assert len(text) < 1000 + most * 1400


def test_crossover() -> None:
    """Crossover shows two different instructions, each with its score."""
    question = ask("crossover", material(SHOWING, split_prompt(SHOWING)[0], "Answer the question."))
    assert {p.instruction for p in question.parents} == {
        "Look at the examples. Answer.",
        "Answer the question.",
    }
    for one in question.parents:
        assert f'<instruction score="{one.score}"' in question.text
        assert f">{one.instruction}</instruction>" in question.text


@PROPERTY
@given(st.integers(0, 2**32))
def test_simplification_takes_long_prompts(seed: int) -> None:
    """Only long instructions are simplified."""
    assert ask("simplification", material(), seed).parents[0].instruction == PROMPTS[0]
    assert not Simplification().suits(material(*PROMPTS[1:]))


def test_simplification_must_be_shorter() -> None:
    """A reply that is not shorter than the old instruction is refused, with or without demonstrations."""
    assert read("simplification", REPLY, PROMPTS[0]) == "Answer in a word."
    for old in (
        "Answer in a line.",
        "Answer in a way.",
        SHOWING.replace("Look at the examples. Answer.", "Answer in a way."),
    ):
        with pytest.raises(Unparsed, match="not shorter"):
            read("simplification", REPLY, old)


@pytest.mark.parametrize("name", WRITERS)
def test_demonstrations_stay(name: OperatorName) -> None:
    """The new instruction keeps the demonstrations of its main parent; invented ones are dropped."""
    reply = "<instruction>Answer it.\n\nExamples:\nText: made up\nAnswer: a</instruction>"
    assert read(name, reply, SHOWING) == "Answer it." + split_prompt(SHOWING)[1]


@pytest.mark.parametrize("name", WRITERS)
def test_too_long_with_demonstrations(name: OperatorName) -> None:
    """An instruction that is too long together with its demonstrations is refused with a reason."""
    with pytest.raises(Unparsed, match=r"with its examples it has \d+ characters, at most 2000"):
        read(name, f"<instruction>{'so ' * 640}</instruction>", SHOWING)


def test_thinking_is_no_instruction() -> None:
    """A reflection without a marked instruction is only a diagnosis; other bare replies are prompts."""
    with pytest.raises(Unparsed, match="no <instruction> in it"):
        read("reflection", "The instruction lacks a form.", PROMPTS[0])
    assert read("reflection", REPLY, PROMPTS[0]) == "Answer in a word."
    assert read("paraphrase", "Reply to what is asked.", PROMPTS[0]) == "Reply to what is asked."


@PROPERTY
@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join), st.sampled_from(WRITERS))
def test_any_reply(reply: str, name: OperatorName) -> None:
    """Any reply yields a prompt of allowed length or raises `Unparsed`."""
    try:
        text = read(name, reply, SHOWING)
    except Unparsed:
        return
    assert 0 < len(text) <= MAX_CHARACTERS
    assert text.endswith(split_prompt(SHOWING)[1])
