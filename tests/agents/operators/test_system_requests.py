"""Requests for a text of a program: the part of the traces that belongs to it, and the rest of the system."""

from dataclasses import replace
from random import Random

import pytest
from operator_making import failed, step, system_material, system_prompt

from transfer_prompting.agents.operators.all_texts import AllTexts
from transfer_prompting.agents.operators.base import Question
from transfer_prompting.agents.operators.briefing import Briefing
from transfer_prompting.agents.operators.demonstrations import Demonstrations
from transfer_prompting.agents.operators.material import Material
from transfer_prompting.agents.operators.reflection import Reflection
from transfer_prompting.prompts.reading.proposals import Unparsed

FULL = Briefing(full=True, model="tiny-7b", tokens=48)
TRACE = (
    step("retrieve", asked="Which rows name parcel 0?", reply="Rows 3 and 4,\nas far as I can see."),
    step(reply="row 3: shelf b", asked="").model_copy(update={"model": "search"}),
    step("answer", asked="row 3: shelf b\nWhich shelf?", reply="Shelf b."),
)


def ask(part: str, shown: Material) -> str:
    """Return the request for a reflection on one text."""
    return Reflection().question(shown.focus(part), Random(1)).text


def shown(briefing: Briefing = FULL, *, program: bool = True) -> Material:
    """Return material of a program with one failure and what the metric says of it."""
    wrong = [replace(failed(0, *TRACE), feedback={"shelf": "It is one shelf off."})]
    return replace(system_material(wrong, program=program), briefing=briefing)


@pytest.mark.parametrize("briefing", [FULL, Briefing()])
def test_steps_of_the_text_are_whole(briefing: Briefing) -> None:
    """Steps that rest on the chosen text are shown whole, the others in a line each, in their order."""
    text = ask("answer", shown(briefing))
    whole = "Step 3, with answer:\n  It was given: row 3: shelf b\nWhich shelf?\n  It replied: Shelf b."
    lines = "Step 1, retrieve: Rows 3 and 4, as far as I can see.\nStep 2, search: row 3: shelf b\n"
    assert lines + whole in text
    assert "Which rows name parcel 0?" not in text
    assert "Which rows name parcel 0?" in ask("retrieve", shown(briefing))


def test_input_output_gold_and_feedback() -> None:
    """Each failure has its input, the output, the right answer and the feedback of the metric."""
    text = ask("answer", shown())
    for line in (
        "Input: Which shelf is right for parcel 0?",
        "Its reply: Shelf b.",
        "Right answer: a",
        "Feedback of shelf: It is one shelf off.",
    ):
        assert f"{line}\n" in text


def test_failed_steps() -> None:
    """A step without a reply says so, with its error, whole or in a line."""
    wrong = [failed(0, step("retrieve", reply="", error="Timed out."), step("answer", reply=""))]
    material = replace(system_material(wrong), briefing=FULL)
    assert "  It replied: nothing\n  Error: Timed out.\n" in ask("retrieve", material)
    assert "Step 2, answer: no reply\n" in ask("retrieve", material)
    assert "Step 1, retrieve: no reply (error: Timed out.)\n" in ask("answer", material)


def test_the_rest_of_the_system() -> None:
    """The request names the text to write, and shows the words of the others in short."""
    text = ask("retrieve", shown())
    assert 'Write the one named "retrieve" alone; the others stay as they are:' in text
    assert '<text name="answer">Name the shelf in one letter, and nothing else.</text>' in text
    assert "improve the instructions of a program" in text
    assert "The answer is read from what the program returns." in text
    assert "before each input" not in text


def test_without_a_program() -> None:
    """Several texts of one request are named too, and nothing is said of a program or of steps."""
    material = replace(system_material([failed(0)], program=False), briefing=FULL)
    text = ask("retrieve", material)
    assert 'The prompt consists of several texts. Write the one named "retrieve" alone' in text
    assert "program" not in text
    assert "Step 1" not in text


def test_long_traces_are_bounded() -> None:
    """However many and long the steps are, a request has a bounded length."""
    endless = step("answer", asked="why " * 300, reply="so " * 300)
    other = step("retrieve", asked="why " * 300, reply="so " * 300)
    wrong = [failed(n % 9, *([endless, other] * 20)) for n in range(9)]
    for briefing, most in ((FULL, 25_000), (Briefing(), 10_000)):
        assert len(ask("answer", replace(system_material(wrong), briefing=briefing))) < most


def all_texts() -> Question:
    """Return the question for all texts of a program."""
    return AllTexts().question(shown(), Random(1))


def test_all_texts_at_once() -> None:
    """All texts are shown with the whole trace, and the reply must hold each under its line."""
    question = all_texts()
    assert "Step 1, with retrieve:" in question.text
    assert "Step 3, with answer:" in question.text
    assert "before each stands its line, [[retrieve]], [[answer]], in this order" in question.text
    new = system_prompt("Find it well.", "Name it well.")
    assert AllTexts().read(f"They disagree. <instruction>\n{new}\n</instruction>", question) == new


@pytest.mark.parametrize("reply", ["Name it well.", "[[answer]]\nName it.\n\n[[retrieve]]\nFind it."])
def test_all_texts_are_needed(reply: str) -> None:
    """A reply that lacks a text, or has them in another order, is asked for once more."""
    with pytest.raises(Unparsed, match=r"each of the lines \[\[retrieve\]\], \[\[answer\]\] once"):
        AllTexts().read(f"<instruction>{reply}</instruction>", all_texts())


def test_no_demonstrations_for_a_program() -> None:
    """Demonstrations are the task's questions and answers, which the requests of a program do not match."""
    assert not Demonstrations().suits(system_material())
    assert Demonstrations().suits(system_material(program=False))
