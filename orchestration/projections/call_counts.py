"""Numbers of model calls: requested, finished, failed and under way."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ...agents.messages import CallFailed
from ...storage.event import Event
from .executions import EXECUTOR, is_execution
from .reply_sums import ReplySum


@dataclass(slots=True)
class RoleReplies:
    """Replies to one role; reused ones are not counted again."""

    replies: int = 0
    cut: int = 0
    """Replies that ended at the token limit."""

    def add(self, replies: int, cut: int) -> None:
        """Count so many more replies, of which `cut` ended at the token limit."""
        self.replies, self.cut = self.replies + replies, self.cut + cut


class CallCounts:
    """Counts the journalled calls of a run. Their cost is in `Spending`.

    An execution of a program is no model call: it is counted apart, and its calls are counted here.
    """

    def __init__(self) -> None:
        self.executions = 0
        """Programs that have run to their end on an example."""
        self.requested = 0
        self.finished = 0
        self.failed = 0
        """Failures; a call that is asked again may fail more than once."""
        self.reused = 0
        """Finished calls that took the reply of an earlier one."""
        self.by_role: dict[str, RoleReplies] = {}
        self.saved_tokens = 0
        """Tokens of the replies that were reused."""
        self._open: dict[str, tuple[str, str | None]] = {}
        """Calls without a reply: id -> role and cause."""
        self._executing: dict[str, str | None] = {}
        """Executions without an output: id -> cause."""
        self._unnamed = 0
        """Open calls of which only the number is known."""
        self._failed: set[str] = set()
        """Calls that have failed since the run was last resumed."""
        self._given_up: set[str] = set()
        """Calls that have failed for good."""
        self._stopped = False

    @property
    def cut(self) -> int:
        """Replies that ended at the token limit; reused ones are not counted again."""
        return sum(count.cut for count in self.by_role.values())

    @property
    def in_flight(self) -> int:
        """Calls without an outcome, whether sent or waiting for a slot; none while the run is stopped."""
        return 0 if self._stopped else self._unnamed + sum(self.open_by_role().values())

    def open_by_role(self) -> Mapping[str, int]:
        """Return the number of calls in flight by role, as far as the calls themselves were applied."""
        if self._stopped:
            return {}
        done = self.without_outcome
        return Counter(role for call, (role, _) in self._open.items() if call not in done)

    @property
    def without_outcome(self) -> set[str]:
        """Calls that have failed and were not answered since, as far as the replies were applied."""
        return self._failed | self._given_up

    def as_json(self) -> dict[str, int]:
        """Return the counts as JSON values."""
        names = "requested", "finished", "failed", "reused", "cut", "saved_tokens", "in_flight", "executions"
        return {name: getattr(self, name) for name in names}

    def apply_request(self, event: Event) -> None:
        """Take in a `call.requested` event."""
        if is_execution(event):
            self._executing[event.id] = event.cause
            return
        self.requested += 1
        role = str(orjson.loads(event.data)["model"]) if event.data else ""
        self._open[event.id] = (role, event.cause)

    def apply_reply(self, event: Event, data: Mapping[str, Any]) -> str | None:
        """Take in a `call.finished` event and return the id of the event that caused the call.

        `data` is the payload, empty if it was redacted.
        """
        if is_execution(event):
            self.executions += 1
            return self._executing.pop(event.cause or "", None)
        self.finished += 1
        if data.get("reused"):
            self.reused += 1
            self.saved_tokens += data["reply"]["prompt_tokens"] + data["reply"]["completion_tokens"]
        else:
            self._of(event.sender).add(1, bool(data) and data["reply"]["finish"] == "length")
        call = event.cause or ""
        self._failed.discard(call)
        _, cause = self._open.pop(call, ("", None))
        return cause

    def apply_failure(self, event: Event, message: CallFailed | None) -> None:
        """Take in a `call.failed` event; `message` is None if it was redacted.

        Unless the failure is final, a resumed run asks again.
        """
        if is_execution(event):
            return
        self.failed += 1
        # The call may be unknown here: the calls of a long log are counted after its messages.
        (self._given_up if message is not None and message.final else self._failed).add(event.cause or "")

    def apply_sums(self, requested: int, sums: Iterable[ReplySum], failed: int) -> None:
        """Take in so many calls with their replies; `failed` of those without a reply have failed.

        The executions of programs are among `sums`, and not among the calls.
        """
        self.requested += requested
        for replies in sums:
            if replies.sender == EXECUTOR:
                self.executions += replies.replies
                continue
            self.finished += replies.replies
            requested -= replies.replies
            if replies.reused:
                self.reused += replies.replies
                self.saved_tokens += replies.prompt_tokens + replies.completion_tokens
            else:
                self._of(replies.sender).add(replies.replies, replies.cut)
        self._unnamed += requested - failed

    def _of(self, sender: str) -> RoleReplies:
        """Return the count of the role to whose model `sender` belongs."""
        return self.by_role.setdefault(sender.partition("/")[2], RoleReplies())

    def stop(self) -> None:
        """Stop the run, and with it every call."""
        self._stopped = True

    def resume(self) -> None:
        """Resume the run: every call without a reply is asked again."""
        self._stopped = False
        self._failed.clear()
