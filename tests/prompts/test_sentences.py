"""Sentences in which a model states its answer are read, unless they deny or doubt it."""

import pytest

from transfer_prompting.prompts.reading.answers import read_reply
from transfer_prompting.prompts.task import AnswerFormat, AnswerType, Example, Task

LABELS = ("banking", "credit cards", "small talk", "travel", "work")
EXAMPLES = tuple(Example(id=label, question=f"About {label}?", answer=label) for label in LABELS)
TASK = Task(
    name="domains",
    description="Name the domain.",
    answer=AnswerFormat(type="label", labels=LABELS),
    initial_prompts=("Which domain?",),
    train=EXAMPLES,
    dev=EXAMPLES,
    test=EXAMPLES,
)


def answered(kind: AnswerType, examples: tuple[Example, ...], labels: tuple[str, ...] = ()) -> Task:
    """Return the task with answers of another type or with other labels, and with other examples."""
    splits = {"train": examples, "dev": examples, "test": examples}
    return TASK.model_copy(update={"answer": AnswerFormat(type=kind, labels=labels), **splits})


def read(text: str) -> str | None:
    return read_reply(text, TASK, EXAMPLES[0]).answer


@pytest.mark.parametrize(
    "text",
    [
        "The domain is: travel",
        "The domain is travel.",
        "<think>Banking? No.</think>The domain is: travel",
        'The domain is "travel".',
        "Domain: travel",
        "**Domain:** travel",
        "Domain: **Travel**",
        "Intent -> travel",
        "Kategorie: travel",
        "The right queue is: travel",
        "The user's intent is travel.",
        "The message is most likely travel",
        "It's about travel",
        "This is a travel question.",
        "Travel domain.",
        "This message belongs to the travel domain.",
        "I think this falls under the travel category.",
        "It should be routed to the travel team.",
        "I would classify it as travel.",
        "I'd label this message as “travel”.",
        "I choose travel.",
        "Based on the text, the category is travel.",
        "The user asks for a translation, so the domain is travel.",
        "The domain is travel, because the user asks about Spanish.",
        "Domain: travel. The user asks how to say dinner.",
        "The user wants to know a word.\nDomain: travel",
        "Result: Domain: travel\nConfidence: 90",
        "The message is overwhelmingly travel, since it names a flight.",
        "The message has a travel topic.",
        "The user asks about a flight, which indicates the travel domain.",
        "The message can be classified as travel.",
        "This is a clear case of travel.",
        "It names a flight. Therefore, the domain is travel.",
        "It names a flight and a hotel, so travel.",
        "According to the message, travel.",
        "The message names a flight.\n\nDomain: travel\nReason: a flight",
    ],
)
def test_stated(text: str) -> None:
    """The label is read from what people would call a clear statement."""
    assert read(text) == "travel"


@pytest.mark.parametrize(
    "text",
    [
        "The domain is not travel",
        "The domain isn't travel",
        "The domain could be travel",
        "Maybe the domain is travel",
        "If it is about a trip, the domain is travel",
        "I do not know whether it is travel",
        "None of these fit travel",
        "There is no travel",
        "Domain: travel or work",
        "The domain is travel and work",
        "It is either travel or work",
        "One option is travel, another is work",
        "The wrong answer is travel",
        "The opposite is travel",
        "My first thought was travel",
        "The domain is travel, but it might be work.",
        "The domain is travel. Wait, the domain is work.",
        "The travel message is about work",
        "A work trip is travel",
        "Banking is out, work is out.\nDomain: travel",
        "work: travel",
        "Is it travel?\nOptions: work",
        "Question: travel",
        "Labels: travel",
        "This doesn't work",
        "I can't make it work",
        "Reason: work",
        "The message has a travel part and a work part",
        "The flight is late, which is not travel",
        "It names work, so travel",
        "It names a flight, so maybe travel",
        "It can be classified as travel or work",
        "According to the message, travel or work.",
        "Domain: travel\nBut I doubt it",
        "Trip: travel\nOffice: work",
        "Example: travel\nNow it is your turn",
    ],
)
def test_not_stated(text: str) -> None:
    """A denial, a doubt, a condition, an echo of the question, or two labels state nothing."""
    assert read(text) is None


def test_explanations_may_describe_other_labels() -> None:
    """What an explanation says of other things takes a plain label back no more than before."""
    assert read("travel. The tone is small talk.") == "travel"


CHOICES = ("sunlight is energy", "land", "carbon dioxide", "plants")
QUIZ = tuple(
    Example(id=str(n), question=f"Why {n}?", answer=letter, choices=CHOICES)
    for n, letter in enumerate("ABCD")
)
LETTERS = answered("letter", QUIZ)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("I choose B", "B"),
        ("I would go with B.", "B"),
        ("The closest match is option B.", "B"),
        ("The statement that best explains it is (B).", "B"),
        ("Selected: land", "B"),
        ("So, B.", "B"),
        ("Hence (B)", "B"),
        ("Therefore, B is correct.", "B"),
        ("A is wrong. C is wrong. So B.", "B"),
        ("Therefore, either A or B.", None),
        ("It could be A. So maybe B.", None),
        ("So, a plant.", None),
        ("It is either B or C", None),
        ("I would not go with B", None),
        ("Carbon dioxide is wrong, so it is land", None),
    ],
)
def test_letters(text: str, letter: str | None) -> None:
    """A choice is stated in a sentence like a label is."""
    assert read_reply(text, LETTERS, QUIZ[0]).answer == letter


SUMS = tuple(Example(id=str(n), question=f"How many, {n}?", answer=str(n)) for n in range(4))
NUMBERS = answered("number", SUMS)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The total is 8.", "8"),
        ("There are 8 instruments.", "8"),
        ("There are a total of 8 instruments.", "8"),
        ("She has $1,250.50 left", "1250.50"),
        ("She has 3 apples and 5 pears.\nTotal: 8 fruits", "8"),
        ("Three and five.\nSo there are 8.", "8"),
        ("3 flutes and 5 drums, so 8.", "8"),
        ("She has 3 pears and buys 5 more, so she has 8 pears.", "8"),
        ("3 plus 5 is 8", "8"),
        ("3 plus 5 plus 2 equals 10.", "10"),
        ("The sum is eight.", "8"),
        ("3 + 5 = 8\n\n8", "8"),
        ("We add both.\n3 + 5 = 8", "8"),
        ("Let x be the sum.\nx = 8", "8"),
        ("He has 3.\nShe has 5.\nTogether they have 8.", "8"),
        ("3\n5\n8", None),
        ("1. Add 3 and 5\n2. Get 8", None),
        ("It is either\n8\nor\n9", None),
        ("A robe takes 2 bolts.", None),
        ("He has 3, so he needs at least 8.", None),
        ("She has 3 pears, so maybe 8.", None),
        ("3 plus 5 is 8 or 9", None),
        ("2 plus 2 is 4 and 3 plus 5 is 8", None),
        ("The answer is not eight.", None),
        ("The question is a hard one.", None),
        ("I cannot help with that.\nThe total is 8.", None),
        ("Step 1: think", None),
        ("Let x = 8", None),
        ("Question 3", None),
        ("The answer isn't 8", None),
        ("The total is about 8", None),
        ("There are at least 8", None),
        ("There are 8 instruments and 3 drums.", None),
        ("First there are 3.\nEach has 5.", None),
    ],
)
def test_numbers(text: str, number: str | None) -> None:
    """The only number of a sentence is read if the sentence states it; a last line must conclude."""
    assert read_reply(text, NUMBERS, SUMS[0]).answer == number


def labelled(*labels: str) -> Task:
    """Return the task with other labels, and an example for each."""
    examples = tuple(Example(id=label, question=f"Which, {label}?", answer=label) for label in labels)
    return answered("label", examples, labels)


CLAIMS = labelled("true", "false")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Yes", "true"),
        ("No.", "false"),
        ("Yes, the claim is true.", "true"),
        ("No. The claim is false.", "false"),
        ("No, that is not correct.", "false"),
        ("Yes, it is false.", None),
        ("Yes and no.", None),
        ("No idea.", None),
        ("Yes or no?", None),
    ],
)
def test_yes_and_no(text: str, label: str | None) -> None:
    """Where the labels are true and false, yes and no say the same."""
    assert read_reply(text, CLAIMS, CLAIMS.dev[0]).answer == label


GRADES = labelled(*"12345")


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("4 stars", "4"),
        ("4/5", "4"),
        ("4 out of 5 stars", "4"),
        ("Rating: 4 out of 5", "4"),
        ("Score: 4", "4"),
        ("I'd give it a 4.", "4"),
        ("I would rate this review a 4.", "4"),
        ("This review deserves 4 stars.", "4"),
        ("4 out of 10", None),
        ("6 stars", None),
        ("3-4", None),
        ("1 or 2 stars", None),
        ("not 4 stars", None),
        ("Confidence score: 4", None),
        ("I ate 4 apples", None),
        ("Page 4", None),
    ],
)
def test_grades(text: str, grade: str | None) -> None:
    """A grade is read with its unit and with the highest one, and no other number is taken for one."""
    assert read_reply(text, GRADES, GRADES.dev[0]).answer == grade
