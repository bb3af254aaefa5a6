"""Metric "instructions": the checks of IFEval."""

from typing import Any

import pytest
from metric_making import example, settings
from task_making import task

from transfer_prompting.prompts.errors import MetricError
from transfer_prompting.prompts.metrics.builtin import check_example, grade
from transfer_prompting.prompts.metrics.grade import Grade, Output
from transfer_prompting.prompts.metrics.instructions import CHECKS
from transfer_prompting.prompts.metrics.languages import NAMES, may_be_in

RAW = task("raw")
FIVE = {"relation": "at least", "num_words": 5}


def follow(reply: str, *names: str, kwargs: list[Any] | None = None, **options: Any) -> Grade:
    rows = {"instruction_id_list": list(names), "kwargs": kwargs if kwargs is not None else [{}] * len(names)}
    return grade(settings("instructions", **options), RAW, example("", **rows), Output(reply, None))


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("change_case:capital_word_frequency", {"capital_relation": "at least", "capital_frequency": 2},
     "READ this NOW", "Read this NOW"),
    ("change_case:capital_word_frequency", {"capital_relation": "less than", "capital_frequency": 2},
     "Read this NOW", "READ this NOW"),
    ("change_case:english_capital", {}, "THIS IS THE END.", "This is the end."),
    ("change_case:english_capital", {}, "THIS IS THE END.", "DAS IST NICHT DAS ENDE."),
    ("change_case:english_lowercase", {}, "this is the end.", "This is the end."),
    ("change_case:english_lowercase", {}, "this is the end.", "конец"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Write a haiku."},
     "write a haiku.\nOld pond ...", "Sure! Write a haiku."),
    ("combination:two_responses", {}, "One\n******\nTwo", "One ****** One"),
    ("combination:two_responses", {}, "One\n******\nTwo\n******", "One ****** Two ****** Three"),
    ("combination:two_responses", {}, "One ****** Two", "One ****** ****** Two"),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[name] at [place]", "[name] at [ "),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye\np. s. More", "Bye PS"),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye\nP.P.S. More", "Bye\nP.S. More"),
    ("detectable_format:constrained_response", {}, "Well. My answer is no.", "My answer is no"),
    ("detectable_format:json_format", {}, '```json\n{"a": [1]}\n```', 'Here: {"a": 1}'),
    ("detectable_format:json_format", {}, "[1, 2]", "[" * 100_000),
    ("detectable_format:multiple_sections", {"section_spliter": "SECTION", "num_sections": 2},
     "SECTION 1\nx\nSECTION 2\ny", "SECTION 1\nx\nSection 2\ny"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n - b\n**bold**", "* a\n* b\n* c"),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2},
     "*one* and **two**", "*one* and ** **"),
    ("detectable_format:title", {}, "<<A title>>\nText", "<< >>\nText"),
    ("keywords:existence", {"keywords": ["mom", "Paris"]}, "Mom in PARIS", "Mom in Rome"),
    ("keywords:forbidden_words", {"forbidden_words": ["rock"]}, "A rocket", "Rock!"),
    ("keywords:frequency", {"keyword": "war", "relation": "at least", "frequency": 2}, "War, war", "war"),
    ("keywords:frequency", {"keyword": "war", "relation": "less than", "frequency": 2}, "peace", "War, war"),
    ("keywords:letter_frequency", {"letter": "O", "let_relation": "less than", "let_frequency": 2},
     "one", "Otto"),
    ("keywords:letter_frequency", {"letter": "#", "let_relation": "at least", "let_frequency": 2},
     "# #", "#"),
    ("language:response_language", {"language": "hi"}, "यह एक अच्छा दिन है", "This is a good day"),
    ("length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Summary"},
     "One.\n\n\"Summary\": two.", "One.\n\nTwo."),
    ("length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "it"}, "It's one.\n\nTwo.", "It is.\n\nb\n\nc"),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One\n***\nTwo", "One\n\nTwo"),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "***\nOne\n***\nTwo", "One *** *** Two"),
    ("length_constraints:number_sentences", {"relation": "less than", "num_sentences": 2},
     "Dr. Who is one.", "One. Two."),
    ("length_constraints:number_words", FIVE, "one two three four five", "one two three"),
    ("punctuation:no_comma", {}, "a b", "a, b"),
    ("startend:end_checker", {"end_phrase": "That is all."}, '"So.\nTHAT is all."', "That is all. Bye"),
    ("startend:quotation", {}, ' "Yes" ', '"'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kwargs", "good", "bad"), CASES)
def test_each_check(name: str, kwargs: dict[str, Any], good: str, bad: str) -> None:
    """Each instruction tells a reply that follows it from one that does not, and says what is wrong."""
    assert follow(good, name, kwargs=[kwargs]) == Grade(1.0, "", {name: 1.0, "all followed": 1.0})
    made = follow(bad, name, kwargs=[kwargs])
    assert made.value == 0
    assert made.feedback.startswith("Instructions not followed (1 of 1): ")
    assert follow("", name, kwargs=[kwargs]).value == 0


def test_every_check_is_tested() -> None:
    """The cases above hold every instruction that is known."""
    assert {case[0] for case in CASES} == set(CHECKS)


def test_value_is_the_share() -> None:
    """The value is the share of followed instructions, and the feedback names the others in words."""
    made = follow(
        "One, two", "punctuation:no_comma", "startend:quotation", "length_constraints:number_words",
        kwargs=[None, {"num_words": None}, {"relation": "less than", "num_words": 5}],
    )  # fmt: skip
    assert made.value == pytest.approx(1 / 3)
    assert made.parts["all followed"] == 0
    assert made.feedback == (
        "Instructions not followed (2 of 3): it must have no commas and has 1; "
        "the whole of it must stand between double quotation marks."
    )


def test_same_instruction_twice_has_two_parts() -> None:
    """Two instructions of one name are two parts."""
    words = "keywords:existence"
    made = follow("a", words, words, kwargs=[{"keywords": ["a"]}, {"keywords": ["b"]}])
    assert made.parts == {words: 1, f"{words} 2": 0, "all followed": 0}


def test_loose_reading() -> None:
    """With the loose reading, a first or last line and asterisks may be left away."""
    reply = 'Sure, here it is:\n"Yes"'
    assert follow(reply, "startend:quotation").value == 0
    assert follow(reply, "startend:quotation", loose=True).value == 1


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "there is nothing in column 'instruction_id_list'"),
        ({"instruction_id_list": ["punctuation:no_comma"], "kwargs": []}, "two lists of the same length"),
        ({"instruction_id_list": "x", "kwargs": None}, "two lists of the same length"),
        ({"instruction_id_list": ["punctuation:no_coma"]}, "Did you mean punctuation:no_comma"),
        ({"instruction_id_list": ["xyz"]}, "Known are change_case"),
        ({"instruction_id_list": ["punctuation:no_comma"], "kwargs": ["x"]}, "not a table"),
        ({"instruction_id_list": ["length_constraints:number_words"]}, "its argument num_words is None"),
        (
            {"instruction_id_list": ["length_constraints:number_words"],
             "kwargs": [{"relation": "around", "num_words": 3.0}]},
            '"at least" or "less than"',
        ),
        (
            {"instruction_id_list": ["language:response_language"], "kwargs": [{"language": "xx"}]},
            "cannot be checked; known are ar, bg",
        ),
        (
            {"instruction_id_list": ["detectable_format:number_bullet_lists"],
             "kwargs": [{"num_bullets": float("nan")}]},
            "not a whole number",
        ),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_checked(columns: dict[str, Any], message: str) -> None:
    """An instruction that is unknown or lacks its arguments is an error that names the row, not a value."""
    with pytest.raises(MetricError, match=f"example e1.*{message}"):
        check_example(settings("instructions"), RAW, example("", **columns))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "This is the house that we have built for you"),
        ("de", "Das ist das Haus, das wir für dich gebaut haben"),
        ("pt", "Esta é a casa que não está à venda, com um jardim"),
        ("it", "Questa è la casa che abbiamo costruito per gli amici"),
        ("fi", "Tämä on talo, joka ei ole myynnissä, ja se on kaunis"),
        ("sw", "Hii ni nyumba ya watu wa kijiji na watoto wao"),
        ("vi", "Đây là ngôi nhà của chúng tôi và những người bạn"),
        ("ru", "Это дом, который мы построили для вас, и он не продаётся"),
        ("bg", "Това е къщата, която ние построихме, и тя не се продава"),
        ("fa", "این خانه‌ای است که ما برای شما ساخته‌ایم"),
        ("ur", "یہ وہ گھر ہے جو ہم نے آپ کے لیے بنایا ہے"),
        ("ar", "هذا هو البيت الذي بنيناه من أجل الناس في القرية"),
        ("hi", "यह वह घर है जो हम ने आप के लिए बनाया है"),
        ("mr", "हे घर आम्ही तुमच्या साठी बांधले आहे आणि ते सुंदर आहे"),
        ("ne", "यो घर हामीले तपाईंको लागि बनाएको हो र यो राम्रो छ"),
        ("ja", "これは私たちの家です"),
        ("zh", "这是我们的房子"),
        ("ko", "이것은 우리 집입니다"),
    ],
)
def test_languages(language: str, text: str) -> None:
    """A sentence is taken for its own language, and for no other that is known."""
    assert [code for code in NAMES if may_be_in(text, code)] == [language]


def test_no_letters_are_no_language() -> None:
    """A text without letters may be in any language."""
    assert may_be_in("1234 👍", "hi")
