"""Frames: what of a reply is demanded, and how it is read beside that."""

import pytest
from output_reading import ASKED, TAGS, answer, demanding, reading

from transfer_prompting.prompts.reading.answers import read_output
from transfer_prompting.prompts.task import MessageTemplate

NUMBER = demanding("number", "reason, then answer")
YES_NO = demanding("label", "reason, then answer", labels=("yes", "no"))
LONG = "Let me think about it step by step. Perhaps the answer is 5, or rather 7.\n" * 100


@pytest.mark.parametrize(
    ("text", "found", "followed"),
    [
        ("3 x 7 is 21.\nAnswer: 21", "21", True),
        (LONG + "\nAnswer: 21\n\n", "21", True),
        ("Answer: 5? No.\nAnswer: 21", "21", True),
        ("<think>Answer: 5</think>\nAnswer: 21", "21", True),
        ("Answer: 1,234", "1234", True),
        ("It is 21.\nanswer: 21", "21", False),
        ("It is 21.\n**Answer:** 21", "21", False),
        ("It is 21.\nAnswer: 21 apples", "21", False),
        ("It is 21.\nAnswer: 21\n\nI hope this helps!", "21", False),
        ("It is 21.\nFinal answer: 21", "21", False),
        ("Answer: 21\nConfidence: 90", "21", False),
        ("The answer is 21.", "21", False),
        ("3 x 7\n#### 21", "21", False),
        ("So \\boxed{21}.", "21", False),
        ("21", "21", False),
        ("It is 20 or 21.", None, False),
        ("<think>\nAnswer: 21", None, False),
        ("", None, False),
    ],
)
def test_last_line(text: str, found: str | None, followed: bool) -> None:
    """After any reasoning, the last line with the answer counts; the form is "Answer: " and the answer."""
    read = reading(text, NUMBER)
    assert (read.answer, read.followed) == (found, followed)


def test_last_line_of_a_label() -> None:
    """Answers that are weighed on the way are not the answer."""
    assert reading("If the answer: no held ...\nAnswer: yes", YES_NO).answer == "yes"
    assert reading("Answer: no would be hasty.\n\nAnswer: Yes", YES_NO).followed


def test_last_line_of_other_kinds() -> None:
    """Lists and JSON stand in the last line, too."""
    listed = demanding("list", "reason, then answer", labels=TAGS)
    assert reading("Hm, business?\nAnswer: sports, politics", listed).followed
    assert answer("Hm.\nAnswer:\n- sports", listed) == '["sports"]'
    assert reading('Hm {x}.\nAnswer: {"a": 1}', demanding("json", "reason, then answer")).followed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Answer: 21\n\nI hope this", "21"),
        ("So it is.\nAnswer: 2", None),
        ("The answer is 21. But", None),
        ("Answer: 5. Hmm, wait", None),
    ],
)
def test_cut_reasoning(text: str, found: str | None) -> None:
    """Of a reply that was cut off, only a whole line in the demanded form is read."""
    assert answer(text, NUMBER, cut=True) == found


def test_cut_reasoning_of_a_label() -> None:
    """A label at the very end is whole."""
    assert answer("So it is.\nAnswer: yes", YES_NO, cut=True) == "yes"


@pytest.mark.parametrize("type_", ["number", "label", "letter", "text", "list", "json", "raw"])
def test_nothing_demanded(type_: str) -> None:
    """In the frame "own" without marker, pattern and schema, no form is kept or broken."""
    labels = ("21", "22") if type_ == "label" else ()
    for text in ("21", "Answer: 21\nConfidence: 90", "hm", ""):
        assert reading(text, demanding(type_, labels=labels)).followed is None


def test_own_answers() -> None:
    """Labels, letters and numbers are read as a careful person reads them; no confidence is needed."""
    assert answer("The answer is **21**.", demanding("number")) == "21"
    assert answer("I would say (b), a cat.", demanding("letter")) == "B"
    assert answer("(b) a cat", demanding("letter")) == "B"
    assert reading("Answer: 21\nConfidence: 90", demanding("number")).confidence == 0.9


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Le chat\nest noir.", "Le chat\nest noir."),
        ('"Le chat"', "Le chat"),
        ("```\nprint(1)\n```", "print(1)"),
        ("Sorry, I missed you.", "Sorry, I missed you."),
        ("<think>Hm.</think>\n\nLe chat<|im_end|>", "Le chat"),
        ("Le chat\nConfidence: 90", "Le chat"),
        ("<think>Le chat", None),
        (" \n ", None),
    ],
)
def test_own_texts(text: str, found: str | None) -> None:
    """A text is the whole reply, also over several lines, without its dress."""
    assert answer(text, demanding("text")) == found


@pytest.mark.parametrize("frame", ["own", "answer+confidence", "reason, then answer"])
def test_raw(frame: str) -> None:
    """A raw answer is all that a reply says, whatever it is."""
    task = demanding("raw", frame)  # type: ignore[arg-type]
    assert answer(" **a**\n\nAnswer: b \n", task) == "**a**\n\nAnswer: b"
    assert answer("<think>a</think>\n", task) is None
    assert reading("a", task).followed is None


def test_own_messages() -> None:
    """A frame that a task with messages asks for is demanded there, too; the frame "own" demands nothing."""
    messages = (MessageTemplate(role="user", content="{{ question }}"),)
    framed = demanding("number", "answer+confidence").model_copy(update={"messages": messages})
    assert reading("21", framed).followed is False
    assert reading("21", framed.model_copy(update={"frame": "own"})).followed is None


def test_output() -> None:
    """The output for metrics holds the spoken reply, the answer, and whether the reply was cut off."""
    reply = "<think>It is 5.</think>\n\nThe answer is 21.<|im_end|>"
    read, output = read_output(reply, demanding("number"), ASKED, cut=False)
    assert (output.text, output.answer, output.cut) == ("The answer is 21.", read.answer, False)
    _, output = read_output("The answer is", demanding("raw"), ASKED, cut=True)
    assert (output.text, output.answer, output.cut) == ("The answer is", "The answer is", True)
