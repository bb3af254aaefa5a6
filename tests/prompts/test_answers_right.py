"""Comparing an answer with the right answer, and checking the right answer itself."""

import pytest
from task_making import LETTER, NUMBER, TEXT, YES_NO, choosing, example, task

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.reading.answers import check_example, is_right, read_reply
from transfer_prompting.prompts.task import AnswerFormat, Example, MessageTemplate, Task

TAGS = task("list", ("a", "b"))
SHAPED = task("json").model_copy(
    update={
        "answer": AnswerFormat(type="json", json_schema='{"properties": {"n": {"type": "integer"}}}'),
    }
)


@pytest.mark.parametrize(
    ("task", "asked", "reply", "right"),
    [
        (YES_NO, example("yes"), "yes", True),
        (YES_NO, example("Yes."), "YES", True),
        (YES_NO, example("yes"), "no", False),
        (NUMBER, example("1200"), "$1,200.00", True),
        (NUMBER, example("1,200"), "1200", True),
        (NUMBER, example("0.1"), ".10", True),
        (NUMBER, example("3"), "-3", False),
        (NUMBER, example("0.3"), "0.30000000000000001", False),
        (TEXT, example("New York"), "new  york.", True),
        (TEXT, example("New York"), "**New York**.", True),
        (TEXT, example("New York"), "New York City", False),
        (LETTER, choosing("B", "a dog", "a cat"), "(b) a cat", True),
        (LETTER, choosing("a cat", "a dog", "a cat"), "B", True),
        (LETTER, choosing("B", "a dog", "a cat"), "a dog", False),
    ],
)
def test_right(task: Task, asked: Example, reply: str, right: bool) -> None:
    """Numbers are compared by value, all other answers by their words."""
    assert is_right(read_reply(f"Answer: {reply}", task, asked).answer, task, asked) is right


@pytest.mark.parametrize("task", [YES_NO, NUMBER, TEXT, LETTER])
def test_no_answer_is_wrong(task: Task) -> None:
    """An answer that could not be read is wrong."""
    assert is_right(None, task, choosing("A", "one", "two")) is False


@pytest.mark.parametrize(
    ("task", "asked", "message"),
    [
        (YES_NO, example("maybe"), r"'maybe' is not one of yes, no\. Correct the row or the task"),
        (YES_NO, example(""), r"'' is not one of yes, no"),
        (NUMBER, example("many"), r"'many' is not a number"),
        (TEXT, example(" "), r"is not a text"),
        (LETTER, choosing("C", "a", "b"), r"'C' is not one of A, B"),
        (LETTER, choosing("A", "a"), r"a list of 2 to 26 choices"),
        (LETTER, example("A"), r"a list of 2 to 26 choices"),
        (LETTER, choosing("A", *map(str, range(27))), r"a list of 2 to 26 choices"),
        (YES_NO, example(question=" "), r"the question is empty"),
        (TAGS, example("a, c"), r"'a, c' holds 'c', which is not one of a, b\. Correct"),
        (TAGS, example('["a", "c"]'), r"holds 'c', which is not one of a, b"),
        (TAGS, example(""), r"'' is not a list: write \[\] for no items"),
        (task("json"), example("{a: 1}"), r"'\{a: 1\}' is not JSON: .* at line 1, column 2\. Correct"),
        (task("json"), example("x" * 500), r"'x{200}\.\.\.' is not JSON"),
        (SHAPED, example('{"n": "1"}'), r"does not fit the schema: '1' is not of type 'integer' at \$\.n"),
        (task("raw"), example(" "), r"' ' is not a text"),
    ],
)
def test_bad_example(task: Task, asked: Example, message: str) -> None:
    """An example that no reply could answer rightly is refused, naming its place."""
    with pytest.raises(TaskError, match=rf"^data\.jsonl:7: .*{message}"):
        check_example(task, asked, "data.jsonl:7")


@pytest.mark.parametrize(
    ("task", "asked"),
    [
        (YES_NO, example("NO")),
        (NUMBER, example("-1,000.5")),
        (TEXT, example("x")),
        (LETTER, choosing("b", "one", "two")),
        (LETTER, choosing("Z", *map(str, range(26)))),
        (TAGS, example("B, a")),
        (TAGS, example("[]")),
        (TAGS, example("none")),
        (task("list"), example("anything, at all")),
        (SHAPED, example('{"n": 1}')),
        (task("raw"), example("a\nb")),
    ],
)
def test_good_example(task: Task, asked: Example) -> None:
    """An example whose answer a reply can give is accepted."""
    check_example(task, asked, "data.jsonl:7")


def test_no_gold_needed() -> None:
    """An empty answer is accepted where no metric looks at it; one that is given is checked all the same."""
    check_example(YES_NO, example(""), "data.jsonl:7", gold_needed=False)
    with pytest.raises(TaskError, match="is not one of yes, no"):
        check_example(YES_NO, example("maybe"), "data.jsonl:7", gold_needed=False)


def test_no_question_needed() -> None:
    """A task with messages of its own needs no question."""
    own = YES_NO.model_copy(update={"messages": (MessageTemplate(role="user", content="{{ text }}"),)})
    check_example(own, example(question=""), "data.jsonl:7")


@pytest.mark.parametrize(("reply", "right"), [("Ann", True), ("ann lee", True), ("Lee", False)])
def test_any_right_answer(reply: str, right: bool) -> None:
    """A reply is right if it equals any of the right answers."""
    asked = example("Ann", alternatives=("Ann Lee",))
    assert is_right(read_reply(f"Answer: {reply}", TEXT, asked).answer, TEXT, asked) is right


@pytest.mark.parametrize(("reply", "right"), [("<", True), (">", False), ("=", False)])
def test_labels_made_of_signs(reply: str, right: bool) -> None:
    """Labels that are signs are read and compared as such."""
    signs = task("label", ("<", ">", "="))
    asked = example("<")
    assert is_right(read_reply(f"Answer: {reply}", signs, asked).answer, signs, asked) is right
