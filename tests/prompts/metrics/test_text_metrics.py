"""Metrics that compare words with a right answer."""

import pytest
from metric_making import graded, value

from transfer_prompting.prompts.metrics.rouge import longest_common_subsequence


@pytest.mark.parametrize(
    ("gold", "text", "exact", "f1"),
    [
        # By hand, with the definitions of SQuAD's evaluation script.
        ("Denver Broncos", "The Denver Broncos!", 1, 1),
        ("the cat sat on the mat today", "A cat was on the mat", 0, 2 * 3 / (4 + 5)),
        ("July 4, 1776", "4 July", 0, 2 * 2 / (2 + 3)),
        ("yes", "no", 0, 0),
        ("to be or not to be", "to be", 0, 2 * 2 / (2 + 6)),
        ("don't", "dont", 1, 1),
        ("$5", "5", 1, 1),
    ],
)
def test_squad(gold: str, text: str, exact: float, f1: float) -> None:
    """Exact match and F1 count words without case, punctuation and articles."""
    assert value("squad_exact", gold, text) == exact
    assert value("token_f1", gold, text) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("gold", "text", "f1"),
    [
        ("東京都", "東京", 2 * 2 / 5),
        ("Straße", "STRASSE", 1),
        ("नई दिल्ली", "दिल्ली", 2 * 1 / 3),
        ("ＮＡＴＯ", "nato", 1),
        ("กทม", "กท", 2 * 2 / 5),
        ("🎉", "🎉", 1),
        ("🎉", "💥", 0),
        ("a", "A", 1),
        ("a", "the", 0),
    ],
)
def test_squad_in_other_languages(gold: str, text: str, f1: float) -> None:
    """Characters of scripts without spaces are words, and signs or articles alone are kept."""
    assert value("token_f1", gold, text) == pytest.approx(f1)


def test_articles_are_an_option() -> None:
    """Other words than the English articles can be left out of the comparison."""
    assert value("squad_exact", "der Hund", "Hund", articles=["der", "die", "das"]) == 1
    assert value("squad_exact", "der Hund", "Hund") == 0


def test_best_gold_counts() -> None:
    """Of several right answers, the one that fits best counts."""
    for use in ("exact", "squad_exact", "token_f1", "rouge_1", "rouge_2", "rouge_l", "bleu", "chrf"):
        assert value(use, "Something else", "the old harbour", "the old harbour", "third thing") == 1


def test_token_f1_feedback_names_words() -> None:
    """The feedback shows both answers and the words that are missing or needless; parts are the shares."""
    short = graded("token_f1", "Marie Curie", "Curie")
    assert short.feedback == 'Expected "Marie Curie", got "Curie". Missing words: "marie".'
    assert short.parts == {"precision": 1, "recall": 0.5}
    long = graded("token_f1", "Curie", "It was Curie")
    assert long.feedback == 'Expected "Curie", got "It was Curie". Needless words: "it", "was".'


@pytest.mark.parametrize(
    ("gold", "text", "one", "two", "longest"),
    [
        # Computed with rouge-score 0.1.2, fmeasure, use_stemmer=False.
        (
            "The quick brown fox jumps over the lazy dog",
            "The quick brown dog jumps on the log.",
            0.705882, 0.266667, 0.588235,
        ),
        ("police killed the gunman", "the gunman kill police", 0.75, 0.333333, 0.5),
        (
            "Sea levels rose by 4.5 mm a year between 2013 and 2021, the report said.",
            "Between 2013 and 2021 the sea rose about 4.5 millimetres per year, according to a new report by "
            "the WMO.",
            0.702703, 0.285714, 0.324324,
        ),
        ("one", "one two", 0.666667, 0.0, 0.666667),
        ("a b c d", "d c b a", 1.0, 0.0, 0.25),
    ],
)  # fmt: skip
def test_rouge(gold: str, text: str, one: float, two: float, longest: float) -> None:
    """ROUGE agrees with the library rouge-score."""
    assert value("rouge_1", gold, text) == pytest.approx(one, abs=1e-6)
    assert value("rouge_2", gold, text) == pytest.approx(two, abs=1e-6)
    assert value("rouge_l", gold, text) == pytest.approx(longest, abs=1e-6)


def test_rouge_of_equal_texts_is_one() -> None:
    """A text equal to its reference is worth 1, even without an n-gram or a word."""
    for text in ("one", "東京", "🎉", "naïve café"):
        assert [value(f"rouge_{n}", text, text) for n in ("1", "2", "l")] == [1, 1, 1]


def test_rouge_feedback_names_what_is_missing() -> None:
    """The feedback names words of the reference that the answer lacks, and a very different length."""
    grade = graded("rouge_l", "The harbour closes at nine because of the storm", "The harbour closes")
    assert grade.feedback.startswith('Reference: "The harbour closes at nine because of the storm".')
    assert 'lacks: "nine", "because", "storm".' in grade.feedback
    assert "The answer has 3 words, the reference 9." in grade.feedback


def test_longest_common_subsequence_is_that_of_the_textbook() -> None:
    """The fast algorithm agrees with the table of the textbook."""
    import random

    draw = random.Random(4)
    for _ in range(200):
        one, other = (draw.choices("abcd", k=draw.randint(0, 40)) for _ in range(2))
        row = [0] * (len(other) + 1)
        for left in one:
            new = [0]
            for at, right in enumerate(other):
                new.append(row[at] + 1 if left == right else max(new[-1], row[at + 1]))
            row = new
        assert longest_common_subsequence(one, other) == row[-1]


def test_bleu_and_chrf_are_sacrebleu() -> None:
    """BLEU and chrF are those of sacrebleu, divided by 100."""
    gold, text = "the cat sat on the mat today", "A cat was on the mat"
    # sacrebleu 2.6.0: sentence_bleu(text, [gold]), sentence_chrf(text, [gold]), word_order=2.
    assert value("bleu", gold, text) == pytest.approx(0.274825, abs=1e-6)
    assert value("chrf", gold, text) == pytest.approx(0.364089, abs=1e-6)
    assert value("chrf", gold, text, word_order=2) == pytest.approx(0.390445, abs=1e-6)
    assert value("bleu", "猫坐在垫子上", "猫在垫子上", tokenize="zh") > value(
        "bleu", "猫坐在垫子上", "猫在垫子上"
    )
    assert graded("bleu", gold, text).feedback == f'Reference: "{gold}", got "{text}".'


def test_bleu_uses_all_references() -> None:
    """N-grams of several references count together, as the definition says."""
    text = "the old harbour near the town"
    both = value("bleu", "the old harbour", text, "near the town")
    assert both > max(value("bleu", "the old harbour", text), value("bleu", "near the town", text))
