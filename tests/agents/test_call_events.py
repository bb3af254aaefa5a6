"""Replies are found in a log without decoding its messages."""

from pathlib import Path

import pytest
from log_making import draft, write

from transfer_prompting.agents.call_events import (
    CALL_KINDS,
    KEY_OFFSET,
    REPLY,
    count_answered,
    replies_with,
    reply_to,
)
from transfer_prompting.agents.messages import CallFinished, CallRequested
from transfer_prompting.agents.messages.codec import encode
from transfer_prompting.agents.models.base import ModelReply
from transfer_prompting.storage.errors import UnknownRun
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.sqlite.reader import LogReader

KEY = "0123456789abcdef" * 2


def _reply(number: int, run: str = "run-a", key: str = KEY) -> Draft:
    reply = ModelReply(text="yes", finish="stop", prompt_tokens=1, completion_tokens=1)
    data = encode(CallFinished(key=key, reply=reply, latency=0.1, attempts=1))
    return Draft(run, f"{run}/reply-{number}", REPLY, 1, "model/m", (), f"{run}/{number}", data)


def test_kinds_and_place_are_those_of_the_messages() -> None:
    """The constants agree with the message classes and with the bytes that are stored."""
    assert tuple(cls.model_fields["kind"].default for cls in (CallRequested, CallFinished)) == CALL_KINDS
    assert _reply(1).data[KEY_OFFSET:].startswith(KEY.encode())


def test_replies_by_key(tmp_path: Path) -> None:
    """A reply is found by its key, in every run or in some, in commit order."""
    path = tmp_path / "log.db"
    write(path, _reply(1), _reply(2, "run-b", "f" * 32), _reply(3, "run-b"))
    with LogReader(path) as reader:
        assert [event.seq for event in replies_with(reader, KEY)] == [1, 3]
        assert [event.seq for event in replies_with(reader, KEY, ["run-b"])] == [3]
        assert replies_with(reader, KEY, []) == []


def test_reply_by_call(tmp_path: Path) -> None:
    """A reply is found by the id of its call, and a call without a reply is reported."""
    path = tmp_path / "log.db"
    write(path, draft(1), draft(2), _reply(1))
    with LogReader(path) as reader:
        assert reply_to(reader, "run-a", "run-a/1").seq == 3
        with pytest.raises(UnknownRun, match="no reply to call run-a/2"):
            reply_to(reader, "run-a", "run-a/2")
        assert count_answered(reader, "run-a", ["run-a/1", "run-a/2"], 3) == 1
        assert count_answered(reader, "run-a", ["run-a/1", "run-a/2"], 2) == 0
