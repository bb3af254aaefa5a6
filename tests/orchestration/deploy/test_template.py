"""Templates of requests: filled with a row, they are the request that was measured."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from task_making import LETTER, PROPERTY, YES_NO, choosing, example

from transfer_prompting.agents.roles.scoring_request import scoring_request
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.orchestration.deploy.bodies import example_of
from transfer_prompting.orchestration.deploy.program import filled
from transfer_prompting.orchestration.deploy.template import columns_of, messages_template, template_of
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.chat_values import Turn
from transfer_prompting.prompts.loading.task_loader import bundled_tasks, load_task, read_task_file
from transfer_prompting.prompts.message_templates import filled_text, value_text
from transfer_prompting.prompts.named_texts import join_texts
from transfer_prompting.prompts.request import request_turns
from transfer_prompting.prompts.task import AnswerFormat, Example, Frame, MessageTemplate, Task

FRAMES: tuple[Frame, ...] = ("answer+confidence", "reason, then answer", "own")
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=2),
    max_leaves=5,
)
URL = "data:image/png;base64,AAAA"
IMAGE = st.sampled_from(
    [
        {"type": "image_url", "image_url": {"url": URL}},
        {"image_url": {"url": URL, "detail": "low"}},
        {"type": "input_image", "image_url": URL, "detail": None},
        {"type": "image_url", "image_url": {"url": URL, "detail": None}},
    ]
)
TEXT_PART = st.builds(lambda text: {"type": "text", "text": text}, ANY_TEXT)
NO_PART = st.sampled_from([{"type": "input_audio"}, {"type": "text"}, {"type": "image_url"}, {"x": 1}, 1, []])
PARTS = IMAGE | TEXT_PART | st.lists(IMAGE | TEXT_PART | ANY_TEXT, min_size=1, max_size=4)
CHAT = st.lists(
    st.builds(
        lambda role, content: {"role": role, "content": content},
        st.sampled_from(["system", "user", "assistant"]),
        ANY_TEXT | TEXT_PART | st.lists(TEXT_PART | ANY_TEXT, min_size=1, max_size=2),
    )
    | st.builds(lambda content: {"role": "user", "name": "x", "content": content}, PARTS),
    min_size=1,
    max_size=3,
)
ODD_TURN = st.builds(
    lambda role, content, more: {"role": role, "content": content, **more},
    st.sampled_from(["system", "user", "assistant", "tool", "developer", None]),
    ANY_TEXT | PARTS | NO_PART | st.none() | st.lists(NO_PART | TEXT_PART, max_size=2),
    st.sampled_from([{}, {"tool_calls": []}, {"tool_calls": [{"id": "1"}]}]),
)
OWN = Task(
    name="own",
    description="Help.",
    answer=AnswerFormat(type="text"),
    initial_prompts=(join_texts({"role": "You help.", "style": "Be {{ tone }}."}),),
    texts=("role", "style"),
    frame="own",
    messages=(
        MessageTemplate(role="system", content=" {{ role }}\n\n{{style}} "),
        MessageTemplate(role="user", content="{{ chat }}"),
        MessageTemplate(role="user", content="{ {{ a.b }} }} {{ Review Text }}\n{{ tone }}"),
    ),
)


def plain(turns: tuple[Turn, ...]) -> list[dict[str, object]]:
    """Return the turns of a request as messages."""
    return [{"role": turn.role, "content": content(turn)} for turn in turns]


def content(turn: Turn) -> object:
    """Return the content of a turn: a text, or a list of parts."""
    if isinstance(turn.content, str):
        return turn.content
    return [part.model_dump() for part in turn.content]


def sent(task: Task, prompt: str, row: Example, options: SearchSettings) -> list[tuple[str, object]]:
    """Return role and content of the messages that the scorer sends."""
    request = scoring_request(options, make_candidate(prompt, "initial"), task, row)
    return [(message.role, message.content) for message in request.messages]


def from_template(task: Task, prompt: str, row: Example, options: SearchSettings) -> list[tuple[str, object]]:
    """Return the same from the template."""
    template = template_of(task, prompt, options)
    turns = template.turns
    if template.without_context is not None and not row.context:
        turns = template.without_context
    messages = filled(turns, template.ending, columns_of(row))
    return [(message["role"], message["content"]) for message in messages]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", bundled_tasks())
def test_bundled_tasks(name: str, frame: Frame) -> None:
    """For each row of each bundled task, in each frame and way of answering, the two are equal."""
    folder = bundled_tasks()[name]
    loaded = load_task(name, read_task_file(folder), folder, {"train": 5, "dev": 9, "test": 9}, 0)
    task = loaded.model_copy(update={"frame": frame})
    prompt = task.initial_prompts[0]
    ways = [{"answer": "stated"}, {"answer": "likelihood"}, {"answer": "both"}, {"guesses": 3}]
    for options in map(SearchSettings.model_validate, ways):
        for row in (*task.train, *task.dev, *task.test):
            assert from_template(task, prompt, row, options) == sent(task, prompt, row, options)


def as_measured(turns: Callable[[], object]) -> object:
    """Return what `turns` returns, or that it refuses to."""
    try:
        return turns()
    except ValueError:
        return "refused"


@settings(PROPERTY, max_examples=100)
@given(
    prompt=st.tuples(ANY_TEXT, ANY_TEXT),
    tone=JSON | PARTS,
    inner=JSON,
    review=ANY_TEXT | PARTS,
    chat=CHAT | JSON,
    frame=st.sampled_from(FRAMES),
)
def test_own_templates(
    prompt: tuple[str, str], tone: object, inner: object, review: object, chat: object, frame: Frame
) -> None:
    """Own templates with any text, and rows with any values, images and chats, give the measured turns."""
    if any(mark in text for text in prompt for mark in ("[[", "{{")):
        return
    joined = join_texts({"role": prompt[0] + " {{ tone }}", "style": prompt[1]})
    row = Example(
        id="r",
        question="",
        answer="x",
        columns={"tone": tone, "a": {"b": inner}, "Review Text": review, "chat": chat},
    )
    task = OWN.model_copy(update={"frame": frame, "dev": (row,)})
    template = template_of(task, joined, SearchSettings())
    assert filled(template.turns, template.ending, row.columns) == plain(request_turns(joined, task, row))


@pytest.mark.parametrize("frame", FRAMES)
@settings(PROPERTY, max_examples=40)
@given(
    columns=st.fixed_dictionaries({"tone": NO_PART | st.lists(NO_PART | IMAGE, max_size=3)}), chat=ODD_TURN
)
def test_what_cannot_be_sent(frame: Frame, columns: dict[str, object], chat: dict[str, object]) -> None:
    """Chats and parts that the scorer does not send are refused, and others near them are sent alike."""
    row = Example(
        id="r",
        question="",
        answer="x",
        columns={**columns, "a": {"b": ""}, "Review Text": "", "chat": [chat]},
    )
    task = OWN.model_copy(update={"frame": frame, "dev": (row,)})
    prompt = task.initial_prompts[0]
    template = template_of(task, prompt, SearchSettings())
    assert as_measured(lambda: filled(template.turns, template.ending, row.columns)) == as_measured(
        lambda: plain(request_turns(prompt, task, row))
    )


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("{{ a.b }}", {"a": [{"b": 1}, {"b": "x"}]}),
        ("{{ a.1.b }}", {"a": [{"b": 1}, {"b": "x"}]}),
        ("{{ a.b.c }}", {"a.b": {"c": 1}, "a": {"b": {"c": 2}}}),
        ("{{ a }}\n", {"a": "  "}),
        ("{{ a }} \n{{ b }}", {"a": None, "b": [True, 1.5, None]}),
    ],
)
def test_columns_within_columns(content: str, columns: dict[str, object]) -> None:
    """A prompt with placeholders shows columns within columns, and a turn without a word is sent, too."""
    row = Example(id="r", question="", answer="x", columns=columns)
    task = YES_NO.model_copy(update={"initial_prompts": (content,), "dev": (row,)})
    assert from_template(task, content, row, SearchSettings()) == sent(task, content, row, SearchSettings())


def test_letters_of_choices() -> None:
    """Choices have their letters, also where a metric of the user's has all columns of a row kept."""
    row = choosing("A", "x", "y").model_copy(update={"question": "", "columns": {"choices": '["x", "y"]'}})
    task = LETTER.model_copy(update={"initial_prompts": ("Choose.\n{{ choices }}",), "dev": (row,)})
    prompt = task.initial_prompts[0]
    found = sent(task, prompt, row, SearchSettings())
    assert str(found[0][1]).startswith("Choose.\nA. x\nB. y\n")
    assert from_template(task, prompt, row, SearchSettings()) == found


@PROPERTY
@given(
    prompt=ANY_TEXT.map(str.strip).filter(lambda text: "{{" not in text),
    question=ANY_TEXT.map(str.strip),
    context=st.none() | ANY_TEXT.map(str.strip),
    choices=st.lists(ANY_TEXT.map(str.strip), min_size=2, max_size=5),
    frame=st.sampled_from(FRAMES),
)
def test_preset_frames(
    prompt: str, question: str, context: str | None, choices: list[str], frame: Frame
) -> None:
    """In the preset frames any prompt and any row, with and without a context, give the measured turns."""
    row = choosing("A", *choices).model_copy(update={"question": question, "context": context or None})
    other = choosing("A", *choices).model_copy(update={"context": "Some text."})
    task = LETTER.model_copy(
        update={"frame": frame, "dev": (row, other), "initial_prompts": (prompt or "?",)}
    )
    options = SearchSettings()
    # A real row has a question, whose blanks at the ends are removed when it is loaded.
    if question:
        assert from_template(task, prompt, row, options) == sent(task, prompt, row, options)


def test_messages_with_placeholders() -> None:
    """The template has the columns as placeholders and the frame's words as they are sent."""
    task = YES_NO.model_copy(update={"dev": (example(context="It is."),)})
    [message] = messages_template(task, "Judge.", SearchSettings())
    assert message["content"].startswith(
        "Judge.\n\nText: {{ context }}\nQuestion: {{ question }}\nOptions: yes, no"
    )
    row = {"context": "It is.", "question": "Is it?"}
    [turn] = request_turns("Judge.", task, task.dev[0])
    assert filled_text(message["content"], row.__getitem__) == turn.content


def test_named_texts_are_put_in() -> None:
    """Named texts stand in the template as they are, with the placeholders that they hold themselves."""
    found = messages_template(OWN, OWN.initial_prompts[0], SearchSettings())
    assert found[0] == {"role": "system", "content": "You help.\n\nBe {{ tone }}."}
    assert found[1] == {"role": "user", "content": "{{ chat }}"}


def test_ambiguous_templates() -> None:
    """Text of the frame that looks like a placeholder is refused where it could be filled by mistake."""
    task = YES_NO.model_copy(update={"answer": AnswerFormat(type="label", labels=("yes", "{{ no }}"))})
    with pytest.raises(ConfigError, match=r"holds \{\{ no \}\} as text .*--as python"):
        messages_template(task, "Judge.", SearchSettings())
    assert sent(task, "Judge.", example(), SearchSettings()) == from_template(
        task, "Judge.", example(), SearchSettings()
    )


def test_rows_that_differ_in_words() -> None:
    """If the number of guesses depends on the row, there is no template, and the error names a way on."""
    task = LETTER.model_copy(update={"dev": (choosing("A", "x", "y"), choosing("A", "x", "y", "z"))})
    with pytest.raises(ConfigError, match=r"search\.guesses = 3.*--as request"):
        template_of(task, "Judge.", SearchSettings(guesses=3))


@settings(PROPERTY, max_examples=30)
@given(st.dictionaries(ANY_TEXT, JSON, max_size=3), ANY_TEXT.filter(str.strip))
def test_rows_of_columns(more: dict[str, object], question: str) -> None:
    """A row given as columns is the example that the loader would make of it."""
    row = example_of(LETTER, {**more, "question": question, "choices": [" a", 2], "context": None})
    assert (row.question, row.choices, row.context) == (question.strip(), ("a", "2"), None)
    assert value_text(row.columns) == "{}"
