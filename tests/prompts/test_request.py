"""Requests: what the model is sent for a prompt and an example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import YES_NO, example

from transfer_prompting.prompts.content_parts import text_of
from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.integrity import breach_of
from transfer_prompting.prompts.message_templates import filled_text, placeholders, unsupported, value_text
from transfer_prompting.prompts.named_texts import join_texts, split_texts
from transfer_prompting.prompts.program import ProgramSettings
from transfer_prompting.prompts.request import input_text, request_turns
from transfer_prompting.prompts.task import AnswerFormat, Example, MessageTemplate, Task

RAG = Task(
    name="rag",
    description="Answer from the context.",
    answer=AnswerFormat(type="text"),
    initial_prompts=("You are helpful.",),
    frame="own",
    messages=(
        MessageTemplate(role="system", content="{{ instruction }}\nTone: {{tone}}"),
        MessageTemplate(role="user", content="{{ context }}\n\nQ: {{ answers.0 }} {{ question }}"),
    ),
)
ROW = Example(
    id="r1",
    question="",
    answer="Ann",
    columns={"tone": "formal", "context": "Built by {{ tone }} Ann.", "question": "Who?", "answers": ["Ann"]},
)


def sent(prompt: str, task: Task, row: Example) -> list[tuple[str, str]]:
    """Return role and text of each turn of a request."""
    return [(turn.role, text_of(turn.content)) for turn in request_turns(prompt, task, row)]


def test_own_request() -> None:
    """A task with templates of its own sends exactly these, filled, and nothing besides."""
    assert sent("Be brief.", RAG, ROW) == [
        ("system", "Be brief.\nTone: formal"),
        ("user", "Built by {{ tone }} Ann.\n\nQ: Ann Who?"),
    ]


def test_values_are_no_templates() -> None:
    """A column or a placeholder in a column is never evaluated."""
    assert filled_text("{{ a }}", {"a": "{{ b }}", "b": "!"}.__getitem__) == "{{ b }}"


def test_placeholders_in_the_prompt() -> None:
    """A prompt that places the columns itself is the whole request."""
    task = RAG.model_copy(update={"messages": (), "initial_prompts": ("{{ question }} ({{ tone }})",)})
    assert sent("Say it in a {{ tone }} tone: {{ question }}", task, ROW) == [
        ("user", "Say it in a formal tone: Who?")
    ]


def test_missing_column() -> None:
    """A row without a column of the template is an error that names both."""
    row = ROW.model_copy(update={"columns": {"context": "x", "question": "Who?", "answers": ["Ann"]}})
    with pytest.raises(TaskError, match=r"'r1' of task rag has no column 'tone'"):
        request_turns("Be brief.", RAG, row)


def test_chat_history() -> None:
    """A template that is one placeholder of a chat history stands for the turns of the history."""
    task = RAG.model_copy(
        update={
            "messages": (
                MessageTemplate(role="system", content="{{ instruction }}"),
                MessageTemplate(role="user", content="{{ chat }}"),
            )
        }
    )
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{{ x }}"}]
    row = ROW.model_copy(update={"columns": {"chat": [*chat, {"role": "user", "content": "Bye"}]}})
    assert sent("Be brief.", task, row) == [
        ("system", "Be brief."),
        ("user", "Hi"),
        ("assistant", "{{ x }}"),
        ("user", "Bye"),
    ]


def test_image_parts() -> None:
    """Parts that are no text stay parts, in their place in the turn."""
    task = RAG.model_copy(
        update={"messages": (MessageTemplate(role="user", content="{{ instruction }} {{ picture }} Go!"),)}
    )
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    row = ROW.model_copy(update={"columns": {"picture": [image, {"type": "text", "text": "cat or dog?"}]}})
    [turn] = request_turns("Look:", task, row)
    assert [getattr(part, "text", "image") for part in turn.content] == ["Look:", "image", "cat or dog? Go!"]


def test_own_frame_adds_nothing() -> None:
    """In the frame "own" the request holds the prompt and the input, and not a word more."""
    task = YES_NO.model_copy(update={"frame": "own"})
    assert sent("Judge.", task, example()) == [("user", "Judge.\n\nText: Is it?")]


def test_reasoning_frame() -> None:
    """The frame "reason, then answer" lets the model think and asks for the answer on the last line."""
    task = YES_NO.model_copy(update={"frame": "reason, then answer"})
    [(_, text)] = sent("Judge.", task, example())
    assert "Think it through first." in text
    assert text.endswith("\nAnswer: one of the options")


def test_input_text() -> None:
    """The input of an example is its request without the prompt."""
    assert input_text(RAG, ROW) == "Tone: formal\n\nBuilt by {{ tone }} Ann.\n\nQ: Ann Who?"
    assert input_text(YES_NO, example()) == "Text: Is it?"


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("{{a}} {{ b.c }} {{ Review Text }} {{a}}", ("a", "b.c", "Review Text")),
        ('{"x": {"y": 1}} {{"z": 1}} {{ 1 + 1 }} {{}} {{ }}', ()),
        ("{{ ünï }}{{_x}}", ("ünï", "_x")),
    ],
)
def test_placeholders(content: str, names: tuple[str, ...]) -> None:
    """A placeholder is a name in double braces; JSON and expressions are ordinary text."""
    assert placeholders(content) == names


def test_other_template_languages() -> None:
    """Filters and statements of other languages are recognised, so that they can be refused."""
    assert unsupported("{{ a | upper }}") == "{{ a | upper }}"
    assert unsupported("{% for x in y %}") == "{% for x in y %}"
    assert unsupported("{{ a }} | 100%") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        (["a", 2], "a\n2"),
        ({"k": ["ü"]}, '{"k": ["ü"]}'),
        ([{"a": 1}], '[{"a": 1}]'),
    ],
)
def test_value_text(value: object, text: str) -> None:
    """Every value of a column has one obvious text."""
    assert value_text(value) == text


@given(st.text(max_size=80), st.text(max_size=80))
def test_named_texts_round_trip(one: str, other: str) -> None:
    """Joined texts can be split again, unless one of them holds a heading itself."""
    joined = join_texts({"system": one, "style": other})
    if "[[" not in one + other:
        assert split_texts(joined, ("system", "style")) == {"system": one.strip(), "style": other.strip()}


def test_broken_named_texts() -> None:
    """A prompt that has lost, repeated or swapped one of its texts is recognised."""
    for broken in (
        "x",
        "[[a]]\n1",
        "[[b]]\n1\n[[a]]\n2",
        "[[a]]\n1\n[[b]]\n2\n[[b]]\n3",
        "x\n[[a]]\n1\n[[b]]\n2",
    ):
        assert split_texts(broken, ("a", "b")) is None


def test_integrity() -> None:
    """A proposal keeps the placeholders of the initial prompts, adds none, and keeps the named texts."""
    task = RAG.model_copy(update={"initial_prompts": ("Use {{ context }} for {{ question }}.",)})
    assert breach_of(task, "Read {{context}}, then answer {{ question }}!") is None
    assert breach_of(task, "Read {{ context }}.") == "it has lost the placeholder {{ question }}"
    found = breach_of(task, "{{ context }} {{ question }} {{ secret }}")
    assert found == "it has a placeholder {{ secret }} that no initial prompt has"
    assert "no placeholder" in str(breach_of(task, "{{ context }} {{ question }} {{ tone | upper }}"))
    two = RAG.model_copy(
        update={"texts": ("a", "b"), "initial_prompts": (join_texts({"a": "Hi {{ tone }}", "b": "Bye"}),)}
    )
    assert breach_of(two, "[[a]]\n{{ tone }}\n[[b]]\nx") is None
    assert "[[a]], [[b]]" in str(breach_of(two, "{{ tone }}"))
    assert breach_of(two, "[[a]]\nx\n[[b]]\nx {{ tone }}") == "it has lost the placeholder {{ tone }} in a"


PROGRAM = RAG.model_copy(
    update={
        "texts": ("a", "b"),
        "initial_prompts": (join_texts({"a": 'Find {question} as {{ kind }}, {"n": 1}.', "b": "Name it."}),),
        "program": ProgramSettings(use="shelves.py:run"),
        "messages": (),
    }
)


@pytest.mark.parametrize(
    ("a", "b", "breach"),
    [
        ('Seek {question} of {{kind}}, not {{"n"}} but {"n": 2} or {}.', "Say it.", None),
        ("Seek {question}.", "Say it.", "it has lost the placeholder {{ kind }} in a"),
        ("Seek a {{ kind }}.", "Say it.", "it has lost the placeholder {question} in a"),
        ("Seek {{ question }}, a {{ kind }}.", "Say it.", "it has lost the placeholder {question} in a"),
        ("{question} {{ kind }}", "Say {it}.", "it has a placeholder {it} in b that no initial prompt has"),
        ("{question} {{ kind }}\n[[b]]", "Say it.", "it must hold each of the lines [[a]], [[b]] once"),
        ("{question} {{ kind }}\n[[c]]", "Say it. [[b]]", None),
    ],
)
def test_program_contract(a: str, b: str, breach: str | None) -> None:
    """A text of a program keeps its own placeholders, "{name}" included, and holds no line of a text."""
    found = breach_of(PROGRAM, join_texts({"a": a, "b": b}))
    assert found == breach or (breach is not None and str(found).startswith(breach))
