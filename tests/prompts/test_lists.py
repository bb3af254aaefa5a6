"""Answers that are lists: with and without labels, in every form that models write."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from output_reading import ASKED, TAGS, answer, demanding, reading
from task_making import PROPERTY

from transfer_prompting.prompts.reading.kinds import KINDS, read_answer
from transfer_prompting.prompts.reading.list_answer import list_items

TAGGED, FREE = demanding("list", labels=TAGS), demanding("list")
BOTH = ["politics", "sports"]


def items(text: str, task: Any = TAGGED, *, cut: bool = False) -> list[str] | None:
    """Return the items that are read in a reply; None if there is no answer."""
    found = answer(text, task, cut=cut)
    return None if found is None else json.loads(found)


@pytest.mark.parametrize(
    "text",
    [
        "sports, politics",
        "politics,sports,",
        "Sports; POLITICS.",
        "sports | politics",
        "sports and politics",
        "sports & politics",
        "sports/politics",
        "sports\npolitics",
        "#sports #politics",
        "[sports, politics]",
        "(sports, politics)",
        '"sports", "politics"',
        '["sports", "politics"]',
        "['sports','politics',]",
        '```json\n["sports", "politics"]\n```',
        '{"tags": ["sports", "politics"]}',
        '{"tags": ["sports", "politics"], "confidence": 90}',
        '{"answer": "sports, politics"}',
        "- sports\n- politics",
        "* Sports: a team is named.\n* Politics: so is a vote.\n\nNothing else fits.",
        "1. **Sports**\n2. **Politics**",
        "• sports • politics",
        "1) sports 2) politics",
        "- sports\n  - a team is named\n- politics\n  - and a vote",
        "Here are the tags:\n\n* **Sports**: a team\n* **Politics** - a vote\n\nLet me know!",
        "Tags: sports, politics",
        "**Tags:** sports, politics\n**Explanation:** business is not meant",
        "## Labels\n- sports\n- politics",
        "Tags:\nsports\npolitics\nExplanation: both are named.",
        "The tags that apply are: sports and politics.",
        "Answer: sports, politics\nConfidence: 90",
        "Reasoning:\n- business is out\n- sports fits\n\nFinal tags: sports, politics",
        "Tags: business\nOn second thought:\nTags: sports, politics",
        "<think>business, perhaps?</think>sports, politics",
        "sports (a team), politics (a vote)",
        "politics, sports, politics",
        "sports, politics<|im_end|>",
        "sports, weather, politics",
    ],
)
def test_two_labels(text: str) -> None:
    """The labels are found in every form of a list, each once and in order; other items are left out."""
    assert items(text) == BOTH


@pytest.mark.parametrize(
    "text",
    [
        "none",
        "None.",
        "[]",
        "Tags: none",
        "**Tags:** None",
        "No tags apply.",
        "none of the labels apply",
        "There are no matching tags",
        '{"tags": []}',
        "- none",
        "N/A",
    ],
)
def test_no_items(text: str) -> None:
    """A reply that says that nothing applies is the empty list, which is an answer."""
    assert items(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "weather",
        '["weather"]',
        "sports or politics",
        "not sports, politics",
        "sports, perhaps politics",
        "Tags:",
        "Tags: I cannot say.",
        "This is about sports, as a team is named, and it could be about politics as well.",
        '["sports", "politics"',
        '["sports", null]',
        '[["sports"]]',
        "<think>sports, politics",
    ],
)
def test_no_list(text: str) -> None:
    """There is no answer without a label, with a doubt or a denial, in prose, or in broken JSON."""
    assert items(text) is None


def test_labels_with_separators() -> None:
    """A label that holds a separator is one item."""
    assert items("food, drink, sports") == ["food, drink", "sports"]
    assert items("Science & Tech, Food, drink") == ["food, drink", "science & tech"]
    assert items('["food, drink"]') == ["food, drink"]


def test_label_none() -> None:
    """A label that says "none" is a label like any other."""
    assert items("none", demanding("list", labels=("none", "some"))) == ["none"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("apples, pears and plums", ["apples", "pears", "plums"]),
        ("apples, pears, and plums.", ["apples", "pears", "plums"]),
        ("rock and roll", ["rock and roll"]),
        ("a; b, c", ["a", "b, c"]),
        ("Ingredients: 2 eggs, flour", ["2 eggs", "flour"]),
        ("Keywords: `a_b`, `c`", ["a_b", "c"]),
        ("Keywords: U.S., EU", ["EU", "U.S."]),
        ("- **Alpha**: first\n- **Beta**: second", ["Alpha", "Beta"]),
        ("[1, 2.5, true]", ["1", "2.5", "true"]),
        ('["b", "A", "a", "*x*"]', ["*x*", "A", "b"]),
        ("Answer: machine learning\nI hope this helps", ["machine learning"]),
        ("machine learning", ["machine learning"]),
        ("There is much in the text. I cannot list it.", None),
        ("It is about machine learning.", None),
        ('["\\ud800"]', None),
    ],
)
def test_free_items(text: str, found: list[str] | None) -> None:
    """Without labels, items are read as they are written, without their dress; prose is no list."""
    assert items(text, FREE) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sports, politics", None),
        ("- sports\n- politics", None),
        ("Tags: sports\nThat is, because", ["sports"]),
        ('["sports"]', ["sports"]),
        ('{"tags": ["sports"', None),
    ],
)
def test_cut_lists(text: str, found: list[str] | None) -> None:
    """A list at the end of a reply that was cut off may lack items, so it is no answer."""
    assert items(text, cut=True) == found


@pytest.mark.parametrize(
    ("text", "followed"),
    [
        ("Answer: sports, politics\nConfidence: 90", True),
        ('Answer: ["sports", "politics"]\nConfidence: 90', True),
        ("Answer: none\nConfidence: 90", True),
        ("Answer: sports, weather\nConfidence: 90", False),
        ("Answer: sports and politics\nConfidence: 90", False),
        ("Answer:\n- sports\n- politics\nConfidence: 90", False),
    ],
)
def test_demanded_form(text: str, followed: bool) -> None:
    """The demanded form of a list has only labels between commas, or is a JSON array."""
    read = reading(text, demanding("list", "answer+confidence", labels=TAGS))
    assert (read.followed, read.confidence) == (followed, 0.9)
    assert read.answer is not None


@PROPERTY
@given(st.sets(st.sampled_from(TAGS)), st.sampled_from([", ".join, "\n".join, "; ".join, json.dumps]))
def test_lists_read_back(chosen: set[str], written: Any) -> None:
    """Every set of labels is read back in each form, and its canonical form is fixed."""
    text = written(sorted(chosen)) or "none"
    found = answer(text, TAGGED)
    assert found is not None
    assert list_items(found) == tuple(sorted(chosen))
    assert read_answer(found, TAGGED, ASKED) == found


@PROPERTY
@given(st.lists(st.text(), max_size=6))
def test_free_lists_are_fixed(texts: list[str]) -> None:
    """The canonical form of a list of any texts is read back unchanged, and equals itself."""
    found = answer(json.dumps(texts), FREE)
    if found is not None:
        assert read_answer(found, FREE, ASKED) == found
        assert KINDS["list"].same(found, found)


def test_same_items() -> None:
    """Lists are equal if their items are, whatever their order and case."""
    same = KINDS["list"].same
    assert same('["a","B"]', '["b","A"]')
    assert not same('["a"]', '["a","b"]')
    assert same("[]", "[]")
