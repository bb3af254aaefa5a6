"""Rendering of prompts and questions for a model."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError
from jinja2.meta import find_referenced_templates
from task_making import LETTER, NUMBER, PROPERTY, TEXT, YES_NO, choosing, example, task

from transfer_prompting import prompts
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.prompts.demonstrations import (
    MARKER,
    split_prompt,
    with_demonstrations,
    without_demonstrations,
)
from transfer_prompting.prompts.reading.answers import read_reply
from transfer_prompting.prompts.rendering import render
from transfer_prompting.prompts.request import request_turns
from transfer_prompting.prompts.task import Example, Task

PROMPT = make_candidate("Judge the text.", "initial")


def question(prompt: Candidate, task: Task, example: Example, *, stated: bool, guesses: int = 1) -> str:
    """Return the text of the only turn of a request in the usual frame."""
    [turn] = request_turns(prompt.text, task, example, stated=stated, guesses=guesses)
    assert isinstance(turn.content, str)
    return turn.content


LINES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


def test_stated_label() -> None:
    """For a stated answer, the options are named and both lines are demanded."""
    shown = question(PROMPT, YES_NO, example(context="It rains."), stated=True)
    assert "Options: yes, no" in shown
    assert "\nAnswer: one of the options\nConfidence: a number from 0 to 100" in shown


def test_not_stated_label() -> None:
    """If likelihoods decide the answer, neither the options nor a form is shown."""
    shown = question(PROMPT, YES_NO, example(context="It rains."), stated=False)
    assert "Options" not in shown
    assert "Confidence" not in shown


def test_guesses() -> None:
    """Several guesses are demanded line by line, but no more than there are options."""
    shown = question(PROMPT, YES_NO, example(), stated=True, guesses=3)
    assert "Options: yes, no" in shown
    assert shown.endswith(
        "Give your 2 best guesses, the likeliest first. Reply with exactly these 4 lines and nothing else:\n"
        "Guess 1: one of the options\n"
        "Probability 1: a number from 0 to 100, how likely this guess is right\n"
        "Guess 2: one of the options, not one named before\n"
        "Probability 2: a number from 0 to 100, how likely this guess is right"
    )
    assert "Guess 3: a number" in question(PROMPT, NUMBER, example("1"), stated=True, guesses=3)


@pytest.mark.parametrize("stated", [True, False])
def test_order(stated: bool) -> None:
    """The instruction comes first, then the context, then the question."""
    shown = question(PROMPT, YES_NO, example(context="It rains."), stated=stated)
    assert shown.index("Judge the text.") == 0 < shown.index("It rains.") < shown.index("Is it?")


@pytest.mark.parametrize("stated", [True, False])
def test_choices_have_letters(stated: bool) -> None:
    """Choices are always shown, each after its letter."""
    shown = question(PROMPT, LETTER, choosing("A", "red", "blue"), stated=stated)
    assert "Is it?\nA. red\nB. blue" in shown
    assert ("Answer: the letter of one choice\n" in shown) is stated


@pytest.mark.parametrize(
    ("task", "demand"),
    [(NUMBER, "Answer: a number\n"), (TEXT, "Answer: your answer\n")],
    ids=["number", "text"],
)
def test_open_answers(task: Task, demand: str) -> None:
    """An open answer is demanded by its kind, without options."""
    shown = question(PROMPT, task, example("1"), stated=True)
    assert demand in shown
    assert "Options" not in shown


@pytest.mark.parametrize("stated", [True, False])
def test_instruction_comes_first(stated: bool) -> None:
    """All questions of one candidate begin with the candidate's own words."""
    for asked in (example(), example(question="Other?", context="There.")):
        assert question(PROMPT, YES_NO, asked, stated=stated).startswith("Judge the text.\n\n")


@pytest.mark.parametrize("stated", [True, False])
def test_answer_is_not_shown(stated: bool) -> None:
    """The right answer of the example is not shown."""
    shown = question(PROMPT, TEXT, example("the hidden word"), stated=stated)
    assert "hidden" not in shown


@PROPERTY
@given(LINES, LINES, st.none() | LINES)
def test_texts_are_shown_as_they_are(instruction: str, asked: str, context: str | None) -> None:
    """No part of a prompt or an example is escaped, interpreted or cut."""
    shown = question(
        make_candidate(instruction, "x"), YES_NO, example(question=asked, context=context), stated=False
    )
    assert instruction in shown
    assert asked in shown
    assert context is None or context in shown


def test_templates_in_texts_are_text() -> None:
    """Template syntax in a prompt or an example has no effect."""
    made = make_candidate("{{ 1 + 1 }} <b>&", "x")
    shown = question(made, YES_NO, example(question="{% if %}"), stated=False)
    assert shown.startswith("{{ 1 + 1 }} <b>&\n\n")
    assert "{% if %}" in shown


def test_missing_value() -> None:
    """A template with a missing value raises an error instead of showing a gap."""
    with pytest.raises(UndefinedError, match="labels"):
        render("offered")


def test_demanded_form_is_no_answer() -> None:
    """A model that only repeats the demanded form has not answered."""
    shown = question(PROMPT, YES_NO, example(), stated=True)
    assert read_reply(shown, YES_NO, example()).answer is None


def test_demonstrations() -> None:
    """Demonstrations follow the instruction, with inputs, choices and right answers, in their order."""
    shown = [example(), choosing("B", "red", "blue"), example("no", context="It rains.")]
    prompt = with_demonstrations("Judge.", shown)
    assert prompt.startswith(f"Judge.\n\n{MARKER}\n")
    parts = ["Is it?", "Answer: yes", "Is it?", "A. red\nB. blue", "Answer: B", "It rains.", "Answer: no"]
    place = 0
    for part in parts:
        place = prompt.index(part, place) + len(part)


@pytest.mark.parametrize(
    "shown", [example("yes"), choosing("B", "red", "blue"), example(context="It rains.")]
)
def test_demonstration_looks_like_a_question(shown: Example) -> None:
    """An input looks the same in a demonstration and in a question."""
    if shown.choices is None:
        asked = question(make_candidate("Judge.", "x"), YES_NO, shown, stated=False)
    else:
        asked = question(make_candidate("Judge.", "x"), LETTER, shown, stated=False)
    form = asked.removeprefix("Judge.\n\n").removesuffix("Answer:").strip()
    assert form in with_demonstrations("Judge.", [shown])


@PROPERTY
@given(LINES, st.lists(st.builds(Example, id=LINES, question=LINES, answer=LINES), min_size=1, max_size=4))
def test_demonstrations_split_off(instruction: str, examples: list[Example]) -> None:
    """A prompt splits into its instruction and its demonstrations, which together are the prompt."""
    prompt = with_demonstrations(instruction, examples)
    found, demonstrations = split_prompt(prompt)
    assert found == instruction
    assert found + demonstrations == prompt
    assert demonstrations.startswith(f"\n\n{MARKER}\n")


@PROPERTY
@given(st.text())
def test_splitting_loses_nothing(text: str) -> None:
    """The two parts of any text together are the whole text."""
    instruction, demonstrations = split_prompt(text)
    assert (instruction + demonstrations).strip() == text.strip()
    assert MARKER in demonstrations or (instruction, demonstrations) == (text, "")


@PROPERTY
@given(st.just("") | LINES, st.lists(st.builds(example, LINES), min_size=1, max_size=3))
def test_without_demonstrations(instruction: str, examples: list[Example]) -> None:
    """The instruction alone is returned, even an empty one: no example is carried to another task."""
    assert without_demonstrations(with_demonstrations(instruction, examples)) == instruction
    assert without_demonstrations(instruction) == instruction


def test_no_demonstrations() -> None:
    """Without examples, a prompt is its instruction alone, without a heading."""
    assert with_demonstrations("Judge.", []) == "Judge."


@pytest.mark.parametrize("prompt", ["\n\nExamples:\n", "Examples:\nText: x\nAnswer: a"])
def test_nothing_but_demonstrations(prompt: str) -> None:
    """A prompt that begins with its examples has an empty instruction, and a new one fits before them."""
    instruction, demonstrations = split_prompt(prompt)
    assert instruction == ""
    assert split_prompt("Judge." + demonstrations) == ("Judge.", demonstrations)


@pytest.mark.parametrize(
    "template", sorted(path.name for path in files(prompts).joinpath("templates").iterdir())
)
def test_templates_are_sound(template: str) -> None:
    """Every template parses, its references exist, and it is plain ASCII."""
    source = files(prompts).joinpath("templates", template).read_text(encoding="utf-8")
    tree = Environment().parse(source)
    for other in find_referenced_templates(tree):
        assert other is not None
        assert files(prompts).joinpath("templates", other).is_file()
    assert source.isascii()


def test_options() -> None:
    """The sentence about the labels names all of them."""
    assert render("options", labels=task("label", ["a", "b", "c"]).answer.labels).endswith("a, b, c.")
