"""Metrics that check a text without a right answer: what it contains, its pattern and its length."""

from typing import Any

import pytest
from metric_making import example, graded, settings, value
from task_making import TEXT, YES_NO

from transfer_prompting.prompts.errors import MetricError
from transfer_prompting.prompts.metrics import patterns
from transfer_prompting.prompts.metrics.builtin import grade
from transfer_prompting.prompts.metrics.grade import Output
from transfer_prompting.prompts.metrics.words import count_sentences, count_words


def test_contains() -> None:
    """Any, all or a share of the texts must be there; the right answers are the default."""
    values = ["Rome", "Paris"]
    assert value("contains", "", "in ROME", values=values) == 1
    assert value("contains", "", "in ROME", values=values, case=True) == 0
    assert value("contains", "", "in Rome", values=values, need="all") == 0
    assert value("contains", "", "in Rome", values=values, need="share") == 0.5
    assert value("contains", "Rome", "It is Rome.") == 1
    made = graded("contains", "", "in Rome", values=values, need="all")
    assert made.feedback == 'Not in it: "Paris". The text: "in Rome".'


def test_contains_whole_words() -> None:
    """Whole words can be demanded."""
    assert value("contains", "", "a category", values=["cat"]) == 1
    assert value("contains", "", "a category", values=["cat"], words=True) == 0
    assert value("contains", "", "a (cat).", values=["cat"], words=True) == 1


def test_not_contains() -> None:
    """None of the texts may be there, and the feedback names those that are."""
    made = graded("not_contains", "", "As an AI, I ...", values=["as an ai", "sorry"])
    assert (made.value, made.feedback) == (0, 'It contains what it must not: "as an ai".')
    assert value("not_contains", "", "Fine.", values=["as an ai"]) == 1


def test_regex() -> None:
    """A pattern must be found, be the whole text, or be absent."""
    assert value("regex", "", "id 42", pattern=r"\d+") == 1
    assert value("regex", "", "id 42", pattern=r"\d+", match="full") == 0
    assert value("regex", "", "ID", pattern="id", case=False) == 1
    made = graded("regex", "", "id 42", pattern=r"\d+", absent=True)
    assert (made.value, made.feedback) == (0, 'It must not match "\\d+", but "42" does.')


def test_regex_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that takes too long is given up, and gives no value."""
    monkeypatch.setattr(patterns, "SECONDS", 0.01)
    with pytest.raises(MetricError, match=r"example e1: the pattern .* needs more than 0.01 s"):
        value("regex", "", "a" * 5000 + "b", pattern=r"(a|a)*c|(a+)+$")


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("one two three", {"max": 3}, 1),
        ("one two three", {"max": 2}, 0),
        ("one two three four five", {"max": 4}, 0.5),
        ("one two three four five", {"max": 4, "falloff": 0}, 0),
        ("one two three", {"min": 4}, 0.5),
        ("one two three", {"min": 1, "max": 5}, 1),
        ("", {"min": 1}, 0),
        ("x", {"max": 0}, 0),
        ("abcde", {"unit": "characters", "max": 5}, 1),
        ("One. Two! Three?", {"unit": "sentences", "max": 3}, 1),
        ("a\n\nb\nc\n", {"unit": "lines", "min": 3, "max": 3}, 1),
    ],
)
def test_length(text: str, options: dict[str, Any], expected: float) -> None:
    """Within the limits the value is 1; beyond one it falls to 0."""
    assert value("length", "", text, **options) == pytest.approx(expected)


def test_length_feedback() -> None:
    """The feedback gives the length and the limit that it breaks."""
    assert graded("length", "", "one two three", max=2).feedback == "It has 3 words; wanted are at most 2."
    assert graded("length", "", "one", min=2).feedback == "It has 1 word; wanted are at least 2."


def test_reply_can_be_checked_instead_of_the_answer() -> None:
    """A check looks at the answer that was read, or at the whole reply."""
    output = Output("Answer: yes\nI am sure.", "yes")
    for of, expected in (("answer", 0), ("reply", 1)):
        options = settings("contains", values=["sure"], of=of)
        assert grade(options, YES_NO, example("yes"), output).value == expected


def test_unreadable_answer_is_worth_nothing() -> None:
    """An output without an answer is worth 0, and the feedback says why; a check of the reply goes on."""
    checks = settings("not_contains", values=["sorry"])
    for output, why in (
        (Output("Hm?", None), 'No answer in the demanded form could be read in the reply: "Hm?".'),
        (Output("", None), "The reply is empty."),
        (
            Output("Hm", None, cut=True),
            "The reply was cut off at its token limit before an answer could be read.",
        ),
    ):
        made = grade(checks, TEXT, example("x"), output)
        assert (made.value, made.feedback) == (0, why)
    assert grade(settings("length", max=3, of="reply"), TEXT, example("x"), Output("Hm?", None)).value == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Dr. Smith met Mr. Jones at 3.5 km. They left.", 2),
        ("Really?! Yes.", 2),
        ('He said "Go." Then he left.', 2),
        ("No end", 1),
        ("A heading\n\nA sentence.", 2),
        ("今日は晴れです。明日は雨です。", 2),
        ("यह एक वाक्य है। यह दूसरा है।", 2),
        ("1. First item.\n2. Second item.", 2),
        ("e.g. this one, i.e. that one.", 1),
        ("Wait... what?", 2),
        ("", 0),
        ("... !!!", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    """Abbreviations, decimals and numbers of items end no sentence; an empty line does."""
    assert count_sentences(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [("don't stop - 3.5 km", 4), ("東京 is big", 4), ("", 0), ("— … 👍", 0), ("नमस्ते दुनिया", 2)],
)
def test_words(text: str, count: int) -> None:
    """Words are counted as a word processor does."""
    assert count_words(text) == count
