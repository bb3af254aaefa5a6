"""Which lessons are merged into a prompt of another task."""

from transfer_prompting.agents.experience.conditions import Topics, condition
from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.agents.experience.merging import merged
from transfer_prompting.agents.experience.relevance import Relevance, inputs_of
from transfer_prompting.prompts.task import AnswerFormat, Example, Task


def task(*topics: str, labels: tuple[str, ...] = ("yes", "no"), copies: int = 40) -> Task:
    """Return a task whose inputs are about the topics in turn."""
    train = tuple(
        Example(id=f"{topic}-{n}", question=f"A letter about a {topic}.", answer=labels[0])
        for n in range(copies)
        for topic in topics
    )
    return Task(
        name="t",
        description="Sort letters.",
        answer=AnswerFormat(type="label", labels=labels),
        initial_prompts=("Sort it.",),
        train=train,
    )


SOURCE = task("refund", "parcel", "visa", labels=("yes", "no", "archive"))
TOPICS = Topics.of_inputs(inputs_of(SOURCE))


def lesson(sentence: str, mean: float = 0.1, *, kept: bool = False) -> Lesson:
    """Return a lesson with a standard deviation of 0.1."""
    return Lesson(
        sentence=sentence, mean=mean, sd=0.1, answers=9, examples=9, topic=TOPICS.topic(sentence), kept=kept
    )


def selected(target: Task, *lessons: Lesson) -> list[str]:
    """Return the sentences that are selected for the target."""
    return [one.sentence for one in Relevance(target, [SOURCE], TOPICS).selected(lessons)]


REFUND, VISA = lesson("For refund letters, say yes."), lesson("If it is about a visa, say no.")


def test_a_rule_without_an_occasion_stays_behind() -> None:
    """A rule about a topic that none of many inputs of the target mentions is not merged."""
    assert selected(task("refund", "parcel"), REFUND, VISA) == [REFUND.sentence]


def test_few_inputs_prove_no_absence() -> None:
    """A topic may well be missing from four inputs by chance, so its rule is merged."""
    assert selected(task("refund", "parcel", copies=2), REFUND, VISA) == [REFUND.sentence, VISA.sentence]


def test_one_rule_a_condition() -> None:
    """Of two rules with one condition that with more evidence is merged."""
    better = lesson("For refund letters, say no.", 0.2)
    assert selected(task("refund"), REFUND, better) == [better.sentence]


def test_foreign_answers_stay_behind() -> None:
    """A rule that names an answer which the target does not have is not merged."""
    assert selected(task("refund"), lesson("For refund letters, say archive.", 0.9)) == []


def test_the_evidence_that_is_needed() -> None:
    """A rule needs half a standard deviation, a general sentence a whole one; the best prompt's have one."""
    weak, general = lesson("For refund letters, wait.", 0.04), lesson("Be brief.", 0.09)
    assert selected(task("refund"), weak, general) == []
    kept = [lesson(one.sentence, one.mean, kept=True) for one in (general, weak)]
    assert selected(task("refund"), *kept) == [general.sentence, weak.sentence]


def test_conditions() -> None:
    """The condition is the beginning before a comma, or what follows a later "if"."""
    assert condition("For refund letters, say yes.") == "for refund letters"
    assert condition("Say no if it is about a visa.") == "if it is about a visa"
    assert condition("Be brief.") == ""


def test_rules_go_above_the_input() -> None:
    """Rules are put above the line that places the input, and no more than there is room for."""
    prompt = "Sort it.\nInput: {{ question }}"
    text, held = merged(prompt, ("instruction",), [REFUND, VISA], len(prompt) + 40)
    assert text == f"Sort it.\n{REFUND.sentence}\nInput: {{{{ question }}}}"
    assert held == [REFUND]
