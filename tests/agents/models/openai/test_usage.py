"""Token counts of a reply: as the server reports them in any form, or estimated and marked."""

import json
from typing import Any

import pytest
from openai_serving import completion

from transfer_prompting.agents.messages import CallFinished
from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest
from transfer_prompting.agents.models.openai.replies import EstimatedReply, parse_reply
from transfer_prompting.agents.models.openai.usage import MOST_TOKENS
from transfer_prompting.agents.models.token_bounds import prompt_bound

REQUEST = ModelRequest(messages=(ChatMessage(role="user", content="Say hello."),), max_tokens=64)


def read(body: Any) -> ModelReply:
    """Return the reply that a body holds."""
    return parse_reply(json.dumps(body).encode(), REQUEST)


def used(usage: Any) -> ModelReply:
    """Return the reply with a usage."""
    return read({**completion("hello"), "usage": usage})


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        "12 tokens",
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": -1, "completion_tokens": 3},
        {"prompt_tokens": "many", "completion_tokens": 3},
        {"prompt_tokens": 2**62, "completion_tokens": 3},
        {"prompt_tokens": 11, "completion_tokens": 1e300},
        {"prompt_tokens": MOST_TOKENS + 1, "completion_tokens": 3},
        {"prompt_tokens": True, "completion_tokens": 3},
        {"prompt_tokens": [11], "completion_tokens": 3},
        {"prompt_tokens": 0, "completion_tokens": 0},
    ],
)
def test_missing_counts_are_estimated_and_marked(usage: Any) -> None:
    """A reply without believable counts is used, its tokens are estimated, and its class says so."""
    reply = used(usage)
    assert (reply.text, type(reply)) == ("hello", EstimatedReply)
    assert 0 < reply.prompt_tokens <= prompt_bound(REQUEST)
    assert 0 < reply.completion_tokens <= REQUEST.max_tokens


def test_reply_without_the_field_is_estimated() -> None:
    """A reply that has no usage at all is used, too."""
    assert isinstance(read({"choices": completion("hello")["choices"]}), EstimatedReply)


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"prompt_tokens": 11.0, "completion_tokens": 3.0}, (11, 3)),
        ({"prompt_tokens": 10.2, "completion_tokens": 2.5}, (11, 3)),
        ({"prompt_tokens": "11", "completion_tokens": "3"}, (11, 3)),
        ({"input_tokens": 11, "output_tokens": 3}, (11, 3)),
        ({"prompt_tokens": 11, "completion_tokens": None, "total_tokens": 14}, (11, 3)),
        ({"prompt_tokens": 11, "completion_tokens": 0}, (11, 0)),
    ],
)
def test_counts_in_other_forms_are_read(usage: Any, counts: tuple[int, int]) -> None:
    """Counts as floats or digits, under other names, or as a sum are read as counts, not estimated."""
    reply = used(usage)
    assert (reply.prompt_tokens, reply.completion_tokens) == counts
    assert type(reply) is ModelReply


def test_mark_of_an_estimate_is_not_stored() -> None:
    """A log stores an estimated reply in the shape of any other one."""
    reply = used(None)
    same = ModelReply(**reply.model_dump())
    stored = [
        CallFinished(key="k", reply=one, latency=0.1, attempts=1).model_dump_json() for one in (reply, same)
    ]
    assert stored[0] == stored[1]


def test_reasoning_counts_in_an_estimate() -> None:
    """Reasoning is billed like the answer."""
    body = {
        "choices": [{"message": {"content": "a", "reasoning_content": "b" * 90}, "finish_reason": "stop"}]
    }
    assert read(body).completion_tokens >= 30
