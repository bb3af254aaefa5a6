"""The database adds up what the replies of a run took."""

from pathlib import Path

from log_making import draft, write

from transfer_prompting.agents.messages import CallFinished
from transfer_prompting.agents.messages.codec import encode
from transfer_prompting.agents.models.base import Finish, ModelReply
from transfer_prompting.orchestration.projections.reply_sums import ReplySum, reply_sums
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.sqlite.reader import LogReader


def _reply(
    number: int,
    cached: int = 0,
    reused: str | None = None,
    sender: str = "model/a",
    finish: Finish = "stop",
) -> Draft:
    reply = ModelReply(
        text="\u00e9", finish=finish, prompt_tokens=10 * number, completion_tokens=1, cached_tokens=cached
    )
    data = encode(CallFinished(key="k" * 32, reply=reply, latency=0.1, attempts=2, reused=reused))
    return Draft("run-a", f"reply-{number}", "call.finished", 1, sender, (), f"run-a/{number}", data)


def test_reply_sums(tmp_path: Path) -> None:
    """Replies are added up by model and by reuse, up to a version; cached tokens never exceed the prompt.

    Replies that ended at the token limit are counted.
    """
    path = tmp_path / "log.db"
    replies = [
        _reply(1),
        _reply(2, 5),
        _reply(3, 30, finish="length"),
        _reply(4, reused="run-a/1"),
        _reply(5, sender="model/b"),
    ]
    write(path, draft(1), *replies, _reply(6))
    with LogReader(path) as reader:
        assert reply_sums(reader, "run-a", 6) == [
            ReplySum("model/a", 1, False, 3, 60, 35, 3, 6, 0, 1),
            ReplySum("model/a", 1, True, 1, 40, 0, 1, 2, 0),
            ReplySum("model/b", 1, False, 1, 50, 0, 1, 2, 0),
        ]
        assert reply_sums(reader, "run-b", 6) == []
