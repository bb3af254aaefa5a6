"""How many model calls were made, and what they cost.

Calls are nearly all of a log, so they are read here without validating them: a few fields, by name.
"""

from collections.abc import Iterable
from typing import Any

from ...storage.event import Event
from .reply_sums import ReplySum


class CallCounts:
    """Counts calls. A reused reply is a finished call that costs no tokens."""

    def __init__(self) -> None:
        self.requested = 0
        self.finished = 0
        self.failed = 0
        self.reused = 0
        self.saved_tokens = 0
        """Of replies that were taken from an earlier call."""
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self._pending: dict[str, str | None] = {}
        self._unnamed = 0
        """Calls under way that were added up: only their number is known."""
        self._lost: set[str] = set()
        self._given_up: set[str] = set()
        self._stopped = False

    @property
    def in_flight(self) -> int:
        """Calls without an outcome; none while the run is stopped."""
        return 0 if self._stopped else self._unnamed + len(self._pending.keys() - self.lost)

    @property
    def lost(self) -> set[str]:
        """The calls that have failed, and of which no more was heard among those that were fed."""
        return self._lost | self._given_up

    def as_json(self) -> dict[str, int]:
        """The counts for programs."""
        names = (
            "requested",
            "finished",
            "failed",
            "reused",
            "saved_tokens",
            "in_flight",
            "prompt_tokens",
            "completion_tokens",
        )
        return {name: getattr(self, name) for name in names}

    def request(self, event: Event) -> None:
        """Take in a call.requested event."""
        self.requested += 1
        self._pending[event.id] = event.cause

    def finish(self, event: Event, data: dict[str, Any]) -> str | None:
        """Take in a call.finished event and its payload; returns the id of what it was asked because of.

        A redacted event has no payload: `data` is empty.
        """
        self.finished += 1
        if data:
            reply, reused = data["reply"], bool(data.get("reused"))
            self.reused += reused
            self._charge(reply["prompt_tokens"], reply["completion_tokens"], reused=reused)
        call = event.cause or ""
        self._lost.discard(call)
        return self._pending.pop(call, None)

    def _charge(self, prompt: int, completion: int, *, reused: bool) -> None:
        if reused:
            self.saved_tokens += prompt + completion
        else:
            self.prompt_tokens += prompt
            self.completion_tokens += completion

    def add_up(self, asked: int, sums: Iterable[ReplySum], open_and_lost: int) -> None:
        """Take in so many calls with their replies at once; of those without one, so many are `lost`."""
        self.requested += asked
        for replies in sums:
            self.finished += replies.replies
            asked -= replies.replies
            self._charge(replies.prompt_tokens, replies.completion_tokens, reused=replies.reused)
            self.reused += replies.replies * replies.reused
        self._unnamed += asked - open_and_lost

    def fail(self, event: Event, *, final: bool) -> None:
        """Take in a call.failed event. Unless it is final, a resumed run asks the call again."""
        self.failed += 1
        # Not only of pending calls: those of a long log are counted after what was said.
        (self._given_up if final else self._lost).add(event.cause or "")

    def stop(self) -> None:
        """The run has stopped, and with it every call."""
        self._stopped = True

    def resume(self) -> None:
        """The run goes on: whatever has no reply is asked again."""
        self._stopped = False
        self._lost.clear()
