"""Answers after a marker, or where a pattern matches."""

from typing import Any

import pytest
from output_reading import TAGS, answer, demanding, reading
from pydantic import ValidationError

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.reading.answers import check_form

HASHES, FINAL = demanding("number", marker="####"), demanding("number", marker="Final answer:")


@pytest.mark.parametrize(
    "text",
    [
        "3 x 7 = 21\n#### 21",
        "3 x 7 = 21 #### 21.",
        "#### $21 dollars",
        "####: 5\nNo, #### **21**",
        "I write #### as asked.\n#### 21\nThanks!",
        "####\n21",
        "<think>#### 3</think>#### 21",
        "#### \\boxed{21}",
        "#### 21<|im_end|>",
    ],
)
def test_after_a_sign(text: str) -> None:
    """The answer stands after the last marker, up to the end of its line."""
    assert answer(text, HASHES) == "21"


@pytest.mark.parametrize(
    "text",
    [
        "Final answer: 21",
        "So\nfinal  Answer :21",
        "**Final answer:** 21",
        "**Final Answer**: **21**",
        "Final answer:\n\n21\nbye",
        "The final answer: 21 apples",
        "Final answer: 20\nFinal answer: 21",
    ],
)
def test_after_words(text: str) -> None:
    """Case, blanks and markdown in the words of a marker do not matter."""
    assert answer(text, FINAL) == "21"


@pytest.mark.parametrize(
    "text", ["", "21", "####", "Answer: 21", "<think>#### 21", "#### 3 or 4", "\\boxed{21}"]
)
def test_nothing_marked(text: str) -> None:
    """Without the marker, or without an answer after it, there is none, and the form is not kept."""
    read = reading(text, HASHES)
    assert (read.answer, read.followed) == (None, False)


def test_other_words() -> None:
    """A marker is not found within other words."""
    assert answer("Final answers: 21", FINAL) is None
    assert answer("reanswer: 21", demanding("number", marker="answer:")) is None


def test_kinds_after_a_marker() -> None:
    """Lists, JSON and whole replies go on to the end; other answers end with their line."""
    tagged = demanding("list", labels=TAGS, marker="Tags:")
    assert answer("Tags: sports", tagged) == '["sports"]'
    assert answer("Hm.\nTags:\n- sports\n- politics\n", tagged) == '["politics","sports"]'
    assert answer('{"a": 0}\nJSON:\n{"a":\n 1}', demanding("json", marker="JSON:")) == '{"a":1}'
    assert answer("Hm.\nSummary: a\nb", demanding("raw", marker="Summary:")) == "a\nb"
    assert answer("Q: x\nA: the `cat`\nmore", demanding("text", marker="A:")) == "the `cat`"
    assert answer("Label: **Sports**.", demanding("label", labels=TAGS, marker="label:")) == "sports"
    assert answer("Choice: (B)", demanding("letter", marker="choice:")) == "B"


def test_found_as_demanded() -> None:
    """The form is kept if the marked answer was read; a confidence beside it is read as well."""
    assert reading("#### 21", HASHES).followed is True
    assert reading("#### 21\nConfidence: 80", HASHES).confidence == 0.8


def test_cut_off() -> None:
    """A marked number at the end of a reply that was cut off may lack digits, so it is not read."""
    assert answer("#### 21", HASHES, cut=True) is None
    assert answer("#### 21\nThat is", HASHES, cut=True) == "21"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\\boxed\{([^}]*)\}", "\\boxed{3}, no, \\boxed{21}.", "21"),
        (r"<ans>(.*?)</ans>", "<ans>21</ans> and <ans> </ans>", "21"),
        (r"\d+ apples", "3 apples and 18 are 21 apples", "21"),
        (r"x(\d)?", "x", None),
        (r"\d+$", "none", None),
    ],
)
def test_patterns(pattern: str, text: str, found: str | None) -> None:
    """The last match that is not blank is the answer: its group if it has one, or all of it."""
    assert answer(text, demanding("number", pattern=pattern)) == found


def test_hopeless_patterns() -> None:
    """A pattern that would search a hostile reply for ages is given up: there is no answer."""
    task = demanding("text", pattern=r"(?:a|aa)+$")
    check_form(task.answer, "toy")
    assert answer("a" * 200 + "!", task) is None


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"pattern": "("}, r"the pattern '\(' is not a regular expression: .* backslash"),
        ({"pattern": "(a)(b)"}, r"has 2 groups, and one at most can be the answer\. Write \(\?:"),
        ({"pattern": "(" * 5000}, r"is not a regular expression"),
        ({"marker": "  "}, r"the marker '  ' must have 1 to 200 characters"),
        ({"marker": "x" * 201}, r"must have 1 to 200 characters"),
    ],
)
def test_unusable_form(form: dict[str, Any], message: str) -> None:
    """A marker or a pattern that cannot be used is refused with its mend when the task is loaded."""
    with pytest.raises(TaskError, match=rf"^toy: answer: .*{message}"):
        check_form(demanding("number", **form).answer, "toy")


def test_contradictory_forms() -> None:
    """A marker beside a pattern, and a schema for another type, are refused."""
    with pytest.raises(ValidationError, match="give one of them"):
        demanding("number", marker="#", pattern="x")
    with pytest.raises(ValidationError, match="json_schema belongs to type"):
        demanding("number", json_schema="{}")
