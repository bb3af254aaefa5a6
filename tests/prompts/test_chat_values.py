"""Columns that hold chats, and contents with images, in the shapes in which data sets hold them."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from transfer_prompting.prompts.chat_values import (
    Turn,
    content_parts,
    history_turns,
    is_content,
    is_history,
)
from transfer_prompting.prompts.content_parts import (
    MOST_IMAGE_BYTES,
    ImagePart,
    ImageUrl,
    TextPart,
    images_of,
    stored_text,
    text_of,
)

DOT = "data:image/png;base64,iVBORw0KGgo="
PHOTO = "https://example.org/photos/1.jpg?width=200"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "type", "text", "image_url", "url"]), inner)
    ),
    max_leaves=9,
)


def image(url: str, **fields: Any) -> dict[str, Any]:
    """Return an image as OpenAI's protocol writes it."""
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def text(words: str) -> dict[str, Any]:
    """Return a text as OpenAI's protocol writes it."""
    return {"type": "text", "text": words}


def test_a_history_is_read_turn_by_turn() -> None:
    """Roles and contents stay as they are, and further keys of a turn, such as a time, are passed over."""
    value = [
        {"role": "system", "content": "Sei knapp."},
        {"role": "user", "content": [text("Was ist das?"), image(DOT)], "time": 3},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "{{ question }}"},
    ]
    assert is_history(value)
    shown = (TextPart(text="Was ist das?"), ImagePart(image_url=ImageUrl(url=DOT)))
    assert history_turns(value) == [
        Turn("system", "Sei knapp."),
        Turn("user", shown),
        Turn("assistant", ""),
        Turn("user", "{{ question }}"),
    ]


@pytest.mark.parametrize(
    "value",
    [None, "", "user: hi", 7, [], {}, ["hi"], [{"role": "user"}], {"role": "user", "content": "x"}, [[]]],
    ids=repr,
)
def test_other_values_are_no_history(value: object) -> None:
    """A text, a table and a list of anything but turns are no chat."""
    assert not is_history(value)
    with pytest.raises(ValueError, match=r'Write it as a list of \{"role": "user"'):
        history_turns(value)


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        ({"role": "tool", "content": "22 °C", "tool_call_id": "c1"}, "call of a tool.*Leave the turn out"),
        ({"role": "function", "content": "22"}, "call of a tool"),
        ({"role": "assistant", "content": None, "tool_calls": [{"id": "c1"}]}, "call of a tool"),
        ({"role": "human", "content": "hi"}, 'the role "human".*system, user, assistant'),
        ({"role": 3, "content": "hi"}, 'the role "3"'),
        ({"role": "user", "content": None}, "turn 2: it is no content"),
        ({"role": "user", "content": []}, "turn 2: it is no content"),
        ({"role": "assistant", "content": [image(DOT)]}, "only a user can show an image"),
        ({"role": "user", "content": [text("x"), image("/etc/passwd")]}, "turn 2: part 2: '/etc/passwd'"),
    ],
)
def test_a_turn_that_cannot_be_sent(turn: dict[str, Any], words: str) -> None:
    """The error names the turn, and says what to do."""
    with pytest.raises(ValueError, match=f"turn 2.*{words}|{words}"):
        history_turns([{"role": "user", "content": "hi"}, turn])


@pytest.mark.parametrize(
    "value",
    [
        image(PHOTO),
        [image(PHOTO)],
        [{"image_url": {"url": PHOTO}}],
        [{"type": "image_url", "image_url": PHOTO}],
        [{"type": "image_url", "image_url": {"url": PHOTO, "detail": None}}],
    ],
)
def test_spellings_of_an_image(value: object) -> None:
    """An image may stand alone or in a list, and its address in a table or by itself."""
    assert is_content(value)
    assert content_parts(value) == (ImagePart(image_url=ImageUrl(url=PHOTO)),)


def test_texts_and_images_keep_their_order() -> None:
    """Bare texts in a list are parts, too, and the detail of an image is kept."""
    found = content_parts(["Before", image(DOT, detail="low"), text("after")])
    assert text_of(found) == "Before\n[image, image/png, 8 bytes]\nafter"
    assert [picture.detail for picture in images_of(found)] == ["low"]


@pytest.mark.parametrize("value", ["an image", 3, None, [], ["a", "b"], [1, 2], {"text": "x"}, {}], ids=repr)
def test_other_values_are_no_content(value: object) -> None:
    """A text and a list of texts are values of their own, such as the options of a question."""
    assert not is_content(value)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "image", "image": "cat.png"},
        {"type": "input_image", "image_url": {"href": PHOTO}},
        {"type": "input_audio", "input_audio": {"data": "AAAA"}},
        {"bytes": "\x89PNG", "path": None},
        {"type": "text", "text": None},
        ["nested"],
        None,
        3,
    ],
)
def test_other_dialects_are_named(part: object) -> None:
    """The error shows how a part has to be written."""
    with pytest.raises(ValueError, match=r'part 2 is .*Write a part as \{"type": "text"'):
        content_parts(["x", part])


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "/home/me/cat.png",
        "cat.png",
        "C:\\cat.png",
        "ftp://example.org/cat.png",
        "//example.org/cat.png",
        "http:///cat.png",
        "javascript:alert(1)",
        "data:text/html;base64,AAAA",
        "data:image/png,AAAA",
        "data:image/png;base64,",
        "data:image/png;base64,file:///etc/passwd",
        "data:image/png;base64,AA AA",
        "data:image/png;base64,AAAA====",
        "data:image/png;base64,ÄÖÜ",
        "https://example.org/a b.png",
        "https://example.org/a\nb.png",
        "https://exämple.org/a.png",
        "https://[::1/a.png",
        "https://example.org/" + "a" * 9000,
        "",
    ],
)
def test_addresses_that_are_never_sent(url: str) -> None:
    """Local paths, other schemes and broken data are refused with the mend, and never quoted at length."""
    with pytest.raises(ValueError, match="Use an http or https address, or data:image") as refused:
        content_parts(image(url))
    assert len(str(refused.value)) < 250
    with pytest.raises(ValidationError):
        ImageUrl(url=url)


def test_a_password_in_an_address_is_refused_and_not_quoted() -> None:
    """What is stored in a log holds no password."""
    with pytest.raises(ValueError, match="holds a user") as refused:
        content_parts(image("https://me:hunter2@example.org/a.png"))
    assert "hunter2" not in str(refused.value)


def test_a_huge_image_is_refused() -> None:
    """An image larger than endpoints take is refused before it is sent."""
    limit = MOST_IMAGE_BYTES * 4 // 3
    assert content_parts(image("data:image/jpeg;base64," + "A" * limit))
    with pytest.raises(ValueError, match=r"an image has 20\.0 MB, at most 20\.0 MB"):
        content_parts(image("data:image/jpeg;base64," + "A" * (limit + 4)))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (DOT, "[image, image/png, 8 bytes]"),
        ("data:image/jpeg;base64," + "A" * 16_000, "[image, image/jpeg, 12 kB]"),
        ("data:image/svg+xml;base64," + "A" * 2_000_000, "[image, image/svg+xml, 1.5 MB]"),
        (PHOTO, f"[image, {PHOTO}]"),
    ],
)
def test_an_image_is_shown_by_its_name(url: str, name: str) -> None:
    """What is shown of an image is its address, or its kind and size."""
    assert text_of((ImagePart(image_url=ImageUrl(url=url)),)) == name


def test_stored_contents_are_shown_as_text() -> None:
    """A payload's content is a text, or the parts as JSON."""
    assert stored_text("plain") == "plain"
    parts = [part.model_dump() for part in content_parts(["Look:", image(DOT)])]
    assert stored_text(json.loads(json.dumps(parts))) == "Look:\n[image, image/png, 8 bytes]"


@given(JSON)
def test_no_value_is_half_read(value: Any) -> None:
    """Whatever a column holds, it is read completely or refused with a ValueError."""
    for recognised, read in ((is_history(value), history_turns), (is_content(value), content_parts)):
        with suppress(ValueError):
            assert read(value)
            assert recognised or isinstance(value, str | list)
