"""Reading an answer and a confidence in a reply."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import LETTER, NUMBER, PROPERTY, TEXT, YES_NO, choosing, example, task

from transfer_prompting.prompts.reading.answers import read_reply
from transfer_prompting.prompts.reading.reading import Reading
from transfer_prompting.prompts.task import Task

WORDS = st.text(string.ascii_letters + string.digits + " -_/&é漢", min_size=1, max_size=20).filter(
    lambda text: re.sub(r"[\s_]+", "", text) != "" and text == text.strip().strip("_")
)
LABELS = st.lists(WORDS, min_size=2, max_size=6, unique_by=lambda w: re.sub(r"\s+", " ", w).casefold())


def read(text: str, task: Task = YES_NO) -> Reading:
    return read_reply(text, task, example())


@PROPERTY
@given(LABELS, st.data(), st.integers(0, 100))
def test_demanded_form_reads_back(labels: list[str], data: st.DataObject, confidence: int) -> None:
    """Every label in the demanded form is read back, with its confidence as a share of one."""
    label = data.draw(st.sampled_from(labels))
    reading = read(f"Answer: {label}\nConfidence: {confidence}", task("label", labels))
    assert reading == Reading(label, confidence / 100, followed=True)


@PROPERTY
@given(
    LABELS,
    st.data(),
    st.sampled_from(["**{}**", "`{}`", '"{}"', "<{}>", "[{}]", "_{}_", "{}.", "**{}**.", "'{}'!"]),
)
def test_wrapping_is_taken_off(labels: list[str], data: st.DataObject, wrapping: str) -> None:
    """Markdown, quotes and brackets around an answer are not part of it, with or without a full stop."""
    label = data.draw(st.sampled_from(labels))
    assert read(f"Answer: {wrapping.format(label)}", task("label", labels)).answer == label


@pytest.mark.parametrize(
    "text",
    [
        "**Answer:** yes\n**Confidence:** 90%",
        "**Answer: yes**\n**Confidence: 90**",
        "- Answer: yes\n- Confidence: 90",
        "## Answer: Yes.\n## Confidence: 90 %",
        "answer = YES\nconfidence = 90",
        "ANSWER : yes\nCONFIDENCE : 90.0",
        "> Answer: 'yes'\n> Confidence: about 90",
        "Let me think. It is so.\n\nAnswer:   yes  \n\n  Confidence:90",
        "Answer:\nyes\nConfidence:\n90",
        "1. Answer: yes\nConfidence: 90".removeprefix("1"),
        "Answer: yes\r\nConfidence: 90\r\n",
    ],
)
def test_forms_that_models_write(text: str) -> None:
    """The demanded lines are recognised in the variants that models write."""
    reading = read(text)
    assert (reading.answer, reading.confidence) == ("yes", 0.9)


@pytest.mark.parametrize(
    "text", ["", "I say yes.", "It is not yes or no", "Answers: yes", "Answer:", "yes and no"]
)
def test_no_answer(text: str) -> None:
    """A reply that states no answer, or that only holds an answer's word, has none."""
    assert read(text).answer is None


@pytest.mark.parametrize("text", ["yes", "**Yes.**", "The answer is yes", "Answer yes", "My answer: yes"])
def test_answer_without_its_line(text: str) -> None:
    """An answer alone, or in a sentence that states it, is read, but does not follow the format."""
    assert read(text) == Reading("yes", None, followed=False)


@pytest.mark.parametrize(
    "text", ["yes and no", "not yes", "yesterday", "yes, or no", "ye", "yes no", "maybe"]
)
def test_substring_is_no_answer(text: str) -> None:
    """The answer must be stated; a label somewhere in the text is not enough."""
    reading = read(f"Answer: {text}\nConfidence: 90")
    assert (reading.answer, reading.confidence) == (None, 0.9)


def test_last_answer_counts() -> None:
    """If a reply corrects itself, the last answer counts, with its own confidence."""
    text = "Answer: no\nConfidence: 20\nWait.\nAnswer: yes\nConfidence: 80"
    assert read(text) == Reading("yes", 0.8)
    assert read(text.removesuffix("\nConfidence: 80")) == Reading("yes", None)
    assert read("Answer: yes\nAnswer: perhaps").answer is None


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("Confidence: 0", 0.0),
        ("Confidence: 100", 1.0),
        ("Confidence: 37.5%", 0.375),
        ("Confidence: 85/100", 0.85),
        ("Confidence: 101", None),
        ("Confidence: high", None),
        ("Confidence: high\nI was born in 1990", None),
        ("Confidence: high\n2 reasons", None),
        ("Confidence:", None),
        ("I have 90 confidence", None),
    ],
)
def test_confidence(text: str, confidence: float | None) -> None:
    """A confidence is a number from 0 to 100 on its own line; words without a number are not read."""
    reading = read(f"Answer: yes\n{text}")
    assert (reading.answer, reading.confidence) == ("yes", confidence)


@pytest.mark.parametrize("task", [YES_NO, TEXT, NUMBER], ids=["label", "text", "number"])
@pytest.mark.parametrize("between", ["\n", " \n", "\n\n", "\n**"])
def test_confidence_is_no_answer(task: Task, between: str) -> None:
    """The line of the confidence is never read as a missing answer."""
    assert read(f"Answer:{between}Confidence: 50", task).answer is None


def test_not_followed_with_one_part() -> None:
    """A reply follows the format only if it has both parts."""
    assert not read("Answer: yes").followed
    assert not read("Confidence: 50").followed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", "5"),
        ("1,234", "1234"),
        ("1,234,567.89", "1234567.89"),
        ("$1,200", "1200"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("+3", "3"),
        ("0.50", "0.50"),
        (".5", "0.5"),
        ("12 apples", "12"),
        ("x = 7.", "7"),
        ("**42**", "42"),
        ("50%", "50"),
        ("007", "7"),
        ("3 or 4", None),
        ("3, 4", None),
        ("3,4", None),
        ("10-15", None),
        ("1/2", None),
        ("1.5e3", "1500"),
        ("1,2345", None),
        ("five", "5"),
        ("many", None),
        ("", None),
    ],
)
def test_numbers(text: str, value: str | None) -> None:
    """A number may have commas, a decimal point, a sign and a unit; two numbers are not an answer."""
    assert read(f"Answer: {text}\nConfidence: 1", NUMBER).answer == value


@PROPERTY
@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_every_number_reads_back(value: object) -> None:
    """Numbers are read back with and without thousands separators."""
    for text in (f"{value:,}", f"{value:f}"):
        assert read(f"Answer: {text}", NUMBER).answer == str(value)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("b", "B"),
        ("(b)", "B"),
        ("b)", "B"),
        ("B.", "B"),
        ("**B**.", "B"),
        ("B. a cat", "B"),
        ("B) A Cat.", "B"),
        ("B: a cat", "B"),
        ("(B) a cat", "B"),
        ("B - a cat", "B"),
        ("a cat", "B"),
        ("A cat.", "B"),
        ("a", "A"),
        ("B. a dog", None),
        ("D", None),
        ("A or B", None),
        ("AB", None),
        ("cat", None),
        ("1", None),
    ],
)
def test_letters(text: str, letter: str | None) -> None:
    """A letter, a letter with its choice, or the choice alone is read; contradictions are not."""
    reading = read_reply(f"Answer: {text}", LETTER, choosing("A", "a dog", "a cat", "a cow"))
    assert reading.answer == letter


def test_letter_before_a_negative_number() -> None:
    """The minus sign of a choice is not read as a dash."""
    asked = choosing("A", "-5", "5")
    assert read_reply("Answer: A. -5", LETTER, asked).answer == "A"
    assert read_reply("Answer: B - 5", LETTER, asked).answer == "B"
    assert read_reply("Answer: B. -5", LETTER, asked).answer is None


@PROPERTY
@given(st.lists(WORDS, min_size=2, max_size=26), st.data())
def test_every_letter_reads_back(choices: list[str], data: st.DataObject) -> None:
    """Each choice is read back from its letter, with or without its words."""
    index = data.draw(st.integers(0, len(choices) - 1))
    letter = string.ascii_uppercase[index]
    for text in (letter, f"({letter.lower()})", f"{letter}. {choices[index]}"):
        assert read_reply(f"Answer: {text}", LETTER, choosing("A", *choices)).answer == letter


@pytest.mark.parametrize("last", ["A/", "A-", "A –", "A|"])
def test_letter_of_a_choice_that_ends_in_a_sign(last: str) -> None:
    """A sign at the end of a reply is part of the choice, and does not join it with a label."""
    asked = choosing("A", "0", "0", last)
    assert read_reply(f"Answer: C. {last}", LETTER, asked).answer == "C"


@pytest.mark.parametrize("text", ["Answer: B -", "Answer: B (", "Answer: B / Confidence: 50"])
def test_sign_after_a_letter(text: str) -> None:
    """Signs after a letter are not part of it, with or without a label behind them."""
    assert read_reply(text, LETTER, choosing("A", "red", "blue")).answer == "B"


def test_same_choice_twice() -> None:
    """Words that two choices share are not an answer, but their letters are."""
    asked = choosing("A", "red", "red", "blue")
    assert read_reply("Answer: red", LETTER, asked).answer is None
    assert read_reply("Answer: b", LETTER, asked).answer == "B"


@PROPERTY
@given(WORDS)
def test_text_reads_back(words: str) -> None:
    """Free text is read as it is written."""
    assert read(f"Answer: {words}\nConfidence: 5", TEXT) == Reading(words, 0.05, followed=True)


@PROPERTY
@given(st.text(), st.sampled_from([YES_NO, NUMBER, TEXT, LETTER]))
def test_any_reply_is_read(text: str, task: Task) -> None:
    """No reply raises an exception, and a confidence lies between 0 and 1."""
    for reply in (text, f"Answer: {text}\nConfidence: {text}"):
        reading = read_reply(reply, task, choosing("A", "one", "two"))
        assert reading.confidence is None or 0 <= reading.confidence <= 1


def guesses(text: str, task: Task = YES_NO, wanted: int = 2) -> Reading:
    return read_reply(text, task, example(), wanted)


@PROPERTY
@given(st.permutations(["yes", "no"]), st.integers(0, 100), st.integers(0, 100))
def test_guesses_read_back(labels: list[str], first: int, second: int) -> None:
    """The likeliest guess, or the first of equals, is the answer; its probability is the confidence."""
    text = f"Guess 1: {labels[0]}\nProbability 1: {first}\nGuess 2: {labels[1]}\nProbability 2: {second}%"
    reading = guesses(text)
    assert reading == Reading(labels[second > first], max(first, second) / 100, followed=True)


@pytest.mark.parametrize(
    ("text", "answer", "confidence"),
    [
        ("Guess 1: yes\nProbability 1: 80", "yes", 0.8),
        ("Guess 1: yes\nGuess 2: no", "yes", None),
        ("Guess 1: yes\nProbability 1: 80\nGuess 2: yes\nProbability 2: 10", "yes", 0.8),
        ("Guess 1: perhaps\nProbability 1: 80\nGuess 2: no\nProbability 2: 20", "no", 0.2),
        ("Guess 1: yes\nProbability 1: 800\nGuess 2: no\nProbability 2: 20", "no", 0.2),
        ("Answer: yes\nConfidence: 90", "yes", 0.9),
        ("**Guess 1:** yes\n**Probability 1:** 0.8", "yes", 0.8),
        ("<think>Guess 1: no\nProbability 1: 99</think>\nGuess 1: yes\nProbability 1: 80", "yes", 0.8),
        ("Guess 1: yes (Probability 1: 80%), Guess 2: no (Probability 2: 20%)", "yes", 0.8),
    ],
)
def test_incomplete_guesses(text: str, answer: str | None, confidence: float | None) -> None:
    """Incomplete guesses are read as far as possible, but do not follow the format."""
    reading = guesses(text)
    assert (reading.answer, reading.confidence, reading.followed) == (answer, confidence, False)


def test_as_many_guesses_as_options() -> None:
    """No more guesses are wanted than there are options; for open answers, as many as were asked for."""
    assert guesses("Guess 1: yes\nProbability 1: 80\nGuess 2: no\nProbability 2: 20", wanted=5).followed
    open_ = "Guess 1: 7\nProbability 1: 80\nGuess 2: 8\nProbability 2: 20"
    assert not guesses(open_, NUMBER, 3).followed
    assert guesses(open_, NUMBER, 2) == Reading("7", 0.8, followed=True)
