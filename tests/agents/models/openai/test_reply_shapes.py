"""Replies in the shapes that real servers send: used if they are usable, and otherwise an error."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_serving import completion

from transfer_prompting.agents.messages import CallFinished
from transfer_prompting.agents.models.base import ChatMessage, ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.openai.replies import parse_reply

REQUEST = ModelRequest(messages=(ChatMessage(role="user", content="Say hello."),), max_tokens=64)


def read(body: Any, request: ModelRequest = REQUEST) -> ModelReply:
    """Return the reply that a body holds."""
    return parse_reply(body if isinstance(body, bytes) else json.dumps(body).encode(), request)


def failure(body: Any) -> ModelError:
    """Return the error that a body leads to."""
    with pytest.raises(ModelError) as caught:
        read(body)
    return caught.value


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "hel"}, {"type": "text", "text": "lo"}], "hello"),
        (["hel", "lo"], "hello"),
        ([{"text": "hello"}], "hello"),
        ([{"type": "output_text", "text": "hello"}], "hello"),
        ({"type": "text", "text": "hello"}, "hello"),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"text": "hello"}], "hello"),
        ([{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "hello"}], "hello"),
        ([], ""),
        ("", ""),
    ],
)
def test_parts_are_joined(content: Any, text: str) -> None:
    """The texts of a list of parts are one text; reasoning is no part of the answer."""
    assert read(completion(content)).text == text


@pytest.mark.parametrize("key", ["reasoning", "reasoning_content"])
@pytest.mark.parametrize("reason", ["length", "stop", None])
def test_reasoning_without_an_answer_is_an_empty_reply(key: str, reason: Any) -> None:
    """A model that has only thought has answered nothing, which is a reply."""
    body = completion(None, reason)
    body["choices"][0]["message"][key] = "Let me think"
    reply = read(body)
    assert (reply.text, reply.finish) == ("", "length" if reason == "length" else "stop")


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("max_tokens", "length"), ("MAX_TOKENS", "length"), ("model_length", "length"), ("end_turn", "stop")],
)
def test_finish_in_other_words(reason: str, finish: str) -> None:
    """Other servers' words for an answer that was cut are known."""
    assert read(completion("x", reason)).finish == finish


@pytest.mark.parametrize("reason", [7, ["length"], {"a": 1}, True])
def test_finish_of_another_type_is_ignored(reason: Any) -> None:
    """A finish reason that is no text is none."""
    assert read(completion("x", reason)).finish == "stop"


@pytest.mark.parametrize(("tokens", "finish"), [(63, "stop"), (64, "length")])
def test_missing_finish_follows_from_the_tokens(tokens: int, finish: str) -> None:
    """Without a finish reason, an answer as long as the limit was cut."""
    body = {
        "choices": [{"message": {"content": "x"}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": tokens},
    }
    assert read(body).finish == finish


@pytest.mark.parametrize("reason", ["SAFETY", "content_filter", "RECITATION"])
def test_filters_in_other_words(reason: str) -> None:
    """Other servers' words for a filter are known."""
    assert failure(completion(None, reason)).cause == "content_filter"


def test_first_usable_choice_is_taken() -> None:
    """Choices without a text are passed over."""
    body = completion()
    body["choices"] = [None, {"message": {"content": None}}, *body["choices"]]
    assert read(body).text == "hello"


@pytest.mark.parametrize("choice", [{"text": "hello"}, {"message": "hello"}, {"delta": {"content": "hello"}}])
def test_choice_without_a_message(choice: dict[str, Any]) -> None:
    """A choice may hold its text itself, or as a delta."""
    assert read({"choices": [{**choice, "finish_reason": "stop"}]}).text == "hello"


@pytest.mark.parametrize("arguments", [{"a": 1}, '{"a": 1}'], ids=["as an object", "as JSON"])
def test_arguments_of_a_tool_in_both_forms(arguments: Any) -> None:
    """The arguments of a tool call are JSON, however they are sent."""
    body = completion(None)
    body["choices"][0]["message"]["tool_calls"] = [{"function": {"name": "f", "arguments": arguments}}]
    (call,) = read(body).tool_calls
    assert json.loads(call.arguments) == {"a": 1}


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ({"error": "Tea only."}, "server_error"),
        ({"error": {"message": "Tea only.", "code": "429"}}, "rate_limit"),
        ({"object": "error", "message": "Tea only.", "code": 404}, "not_found"),
        ({"type": "error", "error": {"type": "x", "message": "Tea only."}}, "server_error"),
        ([{"error": {"code": 401, "message": "Tea only."}}], "authentication"),
        ({"detail": [{"loc": ["body"], "msg": "Tea only."}], "status": 400}, "bad_request"),
        ({"base_resp": {"status_code": 1004, "status_msg": "Tea only."}}, "server_error"),
        ({"errors": ["Tea only."]}, "server_error"),
        ({"choices": [{"error": {"message": "Tea only."}, "finish_reason": "error"}]}, "server_error"),
        ({"choices": None, "message": "Tea only."}, "server_error"),
        ({"error": "teapot", "message": "Tea only."}, "server_error"),
    ],
)
def test_errors_with_status_200_are_quoted(error: Any, cause: str) -> None:
    """An error of any shape has the server's words, and the cause that its code names."""
    found = failure(error)
    assert found.cause == cause
    assert "Tea only." in found.message


@pytest.mark.parametrize("error", [None, {}, "", False, {"message": None, "code": None}])
def test_empty_error_beside_an_answer_is_none(error: Any) -> None:
    """A field for errors that holds none does not spoil the answer."""
    assert read({**completion(), "error": error}).text == "hello"


def stream(*chunks: Any, end: str = "data: [DONE]\n\n") -> bytes:
    """Return chunks as server-sent events."""
    return ("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end).encode()


def delta(text: str | None, reason: str | None = None) -> dict[str, Any]:
    """Return a chunk of an answer."""
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]}


USAGE = {"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 3}}


@pytest.mark.parametrize(
    "body",
    [
        stream({"choices": [{"delta": {"role": "assistant"}}]}, delta("hel"), delta("lo", "stop"), USAGE),
        b": ping\n\nevent: message\nid: 1\n" + stream(delta("hello"), USAGE),
        stream(delta("hello", "stop"), USAGE, end=""),
        "\r\n".join(map(json.dumps, [delta("hel"), delta("lo", "stop"), USAGE])).encode(),
    ],
)
def test_streams_are_put_together(body: bytes) -> None:
    """A server that streams although it was not asked to has answered all the same."""
    reply = read(body)
    assert (reply.text, reply.finish, reply.prompt_tokens) == ("hello", "stop", 11)


def test_tool_calls_of_a_stream_are_put_together() -> None:
    """The parts of a tool call are joined by their index."""
    first = {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a"'}}
    second = {"index": 0, "function": {"arguments": ": 1}"}}
    chunks = [{"choices": [{"delta": {"tool_calls": [part]}}]} for part in (first, second)]
    (call,) = read(stream(*chunks)).tool_calls
    assert (call.id, call.name, call.arguments) == ("c", "f", '{"a": 1}')


def test_error_within_a_stream_is_quoted() -> None:
    """An error in the midst of a stream is the server's answer."""
    assert "Tea only." in failure(stream(delta("hel"), {"error": {"message": "Tea only."}})).message


def test_stream_that_breaks_off_is_no_answer() -> None:
    """Half an answer is not taken for a whole one."""
    assert failure(stream(delta("hel"), end="")).cause == "malformed_reply"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>", "web page: Sign in."),
        (b"<html><body><h1>It works!</h1></body></html>", "It works!"),
        (b"upstream connect error", "upstream connect error."),
        (b'{"choices": [{"mess', "JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"a":' * 100_000, "JSON"),
    ],
)
def test_bodies_that_are_no_json_are_described(body: bytes, words: str) -> None:
    """The error says what came instead of JSON, in one line of limited length."""
    error = failure(body)
    assert error.cause == "malformed_reply"
    assert words in error.message
    assert len(error.message) < 400


@pytest.mark.parametrize(
    "text",
    [
        '{"choices": [{"message": {"content": "hello"}}], "usage": NaN}',
        '{"choices": [], "choices": [{"message": {"content": "hello"}}]}',
        '{"choices": [{"message": {"content": "hello"}}], "x": 1' + "0" * 400 + "}",
        '{"choices": [{"message": {"content": "hello"}}], "x": "\\ud800"}',
    ],
    ids=["NaN", "a key twice", "a long number", "half a character"],
)
def test_faults_that_do_not_matter_are_passed_over(text: str) -> None:
    """JSON with a fault elsewhere is read."""
    assert read(text.encode()).text == "hello"


def test_half_a_character_is_replaced() -> None:
    """A text with half of a surrogate pair can be stored."""
    assert read(b'{"choices": [{"message": {"content": "a\\ud800b"}}]}').text == "a\ufffdb"


KEYS = [
    *("choices", "message", "content", "usage", "error", "text", "type", "finish_reason", "code", "index"),
    *("prompt_tokens", "total_tokens", "logprobs", "top_logprobs", "token", "logprob", "tool_calls"),
    *("function", "name", "arguments", "delta", "detail", "status"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON, st.sampled_from(["reply", "choice", "message", "logprobs", "usage"]), st.booleans())
def test_no_reply_of_any_kind_raises_anything_else(value: Any, place: str, streamed: bool) -> None:
    """Whatever a server sends is a reply or a `ModelError`."""
    body: Any = completion()
    match place:
        case "reply":
            body = value
        case "choice":
            body["choices"] = [value, *body["choices"]]
        case "message":
            body["choices"][0]["message"] = value
        case "logprobs":
            body["choices"][0]["logprobs"] = {"content": value}
        case "usage":
            body["usage"] = value
    request = REQUEST.model_copy(update={"options": ("a", "b"), "lead": "Answer:"})
    try:
        reply = read(stream(body) if streamed else body, request)
    except ModelError:
        return
    CallFinished(key="k", reply=reply, latency=0.1, attempts=1).model_dump_json()


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    """Any bytes are a reply or a `ModelError`."""
    with pytest.raises(ModelError):
        read(body)
