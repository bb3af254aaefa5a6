"""Labels stay distinct, whatever signs they are made of, or the task is refused."""

import unicodedata
from pathlib import Path

import pytest
from task_making import load, row, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.task import Task
from transfer_prompting.prompts.wording import match_option, option_key

NFC, NFD = "café", unicodedata.normalize("NFD", "café")


def labelled(folder: Path, answers: list[str], labels: tuple[str, ...] = ()) -> Task:
    write_rows(folder / "all.jsonl", [row(n, answer) for n, answer in enumerate(answers)])
    return load(folder, {"all": "all.jsonl", "shares": (0, 0.5, 0.5)}, labels=labels)


@pytest.mark.parametrize(
    "labels",
    [
        ("<", "=", ">"),
        ("Great", "Great!"),
        ("+", "-"),
        ("👍", "👎"),
        ("👍", "👍🏽"),
        ("*", "**"),
        ("C", "C#", "C++"),
        ("(a)", "[a]"),
        ("?", "??"),
        ("'", '"'),
        ("no", "no."),
    ],
)
def test_signs_are_labels(tmp_path: Path, labels: tuple[str, ...]) -> None:
    """Labels that differ only by signs stay apart, and each answer keeps its own."""
    task = labelled(tmp_path, [label for label in labels for _ in "ab"])
    assert set(task.answer.labels) == set(labels)
    found = sorted(e.answer for e in (*task.dev, *task.test))
    assert found == sorted(label for label in labels for _ in "ab")


def test_one_unicode_form(tmp_path: Path) -> None:
    """A label in two Unicode forms is one label, in form C, whether it is found or declared."""
    assert labelled(tmp_path, [NFC, NFD, "thé", NFD]).answer.labels == (NFC, "thé")
    task = labelled(tmp_path, [NFC, NFD, "thé", NFD], labels=(NFD, "thé"))
    assert task.answer.labels == (NFC, "thé")
    assert {e.answer for e in (*task.dev, *task.test)} == {NFC, "thé"}


def test_blanks_are_no_difference(tmp_path: Path) -> None:
    """Labels that differ only in the blanks within them are one label."""
    task = labelled(tmp_path, ["credit card", "credit  card", "credit\u00a0card", "debit"])
    assert task.answer.labels == ("credit card", "debit")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yes", "yes"),
        ("credit card", "Credit  card"),
        ("yes", "y\u200bes"),
        ("❤", "❤\ufe0f"),
        ("STRASSE", "straße"),
    ],
)
def test_labels_that_look_alike(tmp_path: Path, one: str, other: str) -> None:
    """Labels that differ only by case, blanks or invisible characters are refused with both places."""
    with pytest.raises(TaskError) as error:
        labelled(tmp_path, ["no", one, other])
    message = str(error.value)
    assert message.startswith(f"{tmp_path / 'all.jsonl'}:3: the label ")
    assert f"{tmp_path / 'all.jsonl'}:2" in message
    assert "only by case, blanks or invisible characters" in message
    assert "answer.labels" in message


@pytest.mark.parametrize("labels", [("Yes", "yes"), ("yes", "yes"), ("yes", " yes "), ("yes", " ")])
def test_declared_labels_that_look_alike(tmp_path: Path, labels: tuple[str, ...]) -> None:
    """Declared labels that are alike, repeated or empty are refused, naming the setting."""
    with pytest.raises(TaskError, match=r"task toy.*answer\.labels"):
        labelled(tmp_path, ["yes", "no"], labels=labels)


def test_declared_labels_unite_spellings(tmp_path: Path) -> None:
    """With declared labels, an answer in another case or with other punctuation is the label itself."""
    task = labelled(tmp_path, ["YES", " yes.", "'No'", "no"], labels=("Yes", "No"))
    assert sorted(e.answer for e in (*task.dev, *task.test)) == ["No", "No", "Yes", "Yes"]


@pytest.mark.parametrize("missing", ["nan", "NaN", "NULL", "<NA>"])
def test_missing_values_are_no_labels(tmp_path: Path, missing: str) -> None:
    """A word that programs write for a missing value becomes no label unless it is declared."""
    with pytest.raises(TaskError, match=r"all\.jsonl:2: the answer .* looks like a missing value"):
        labelled(tmp_path, ["yes", missing, "no"])
    assert labelled(tmp_path, ["yes", missing], labels=("yes", missing)).answer.labels == ("yes", missing)


@pytest.mark.parametrize(
    ("text", "options", "index"),
    [
        ("<", ("<", ">"), 0),
        ("**>**", ("<", ">"), 1),
        ("<>", ("<", ">"), None),
        ("Great!", ("Great", "Great!"), 1),
        ("great.", ("Great", "Great!"), 0),
        ("yes", ("Yes!", "No!"), 0),
        ("a", ("(a)", "[a]"), None),
        (NFD, ("thé", NFC), 1),
        ("", ("<", "x"), None),
        ("maybe", ("yes", "no"), None),
    ],
)
def test_match_option(text: str, options: tuple[str, ...], index: int | None) -> None:
    """The option that needs the fewest signs to be removed is meant; a text that fits two names none."""
    assert match_option(text, options) == index


def test_option_key_is_stable() -> None:
    """A key is its own key, so that keys can be compared with texts."""
    for text in ("Straße", NFD, "ﬁ İ  x", "<", "👍🏽"):
        assert option_key(option_key(text)) == option_key(text)
