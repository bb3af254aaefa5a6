"""Notices that hardly any judgement of responses can be read, so that the run stops."""

from dataclasses import dataclass

from ...agents.grading.judge import JudgeMetric, judges_of
from ...agents.messages import CallFinished, TaskLoaded
from ...agents.messages.codec import decode
from ...prompts.metrics.judge_options import JUDGE
from ...storage.event import Event
from .readability import MOSTLY, quoted

_ENOUGH = 20
"""Number of replies that are looked at."""
_UNREADABLE, _HALF = 0.1, 0.5
"""Shares of readable replies below which a run stops: always, and if most replies are cut off."""
_ASKED_BY, _ASKED = "scorer/", (f"model/{JUDGE}",)


@dataclass
class _Seen:
    """The first judgements since the run was started or resumed."""

    replies: int = 0
    readable: int = 0
    cut: int = 0
    """Replies that ended at the token limit."""
    quoted: str = ""
    """The last reply that could not be read."""

    @property
    def mostly_cut(self) -> bool:
        return self.cut >= MOSTLY * self.replies

    @property
    def hopeless(self) -> bool:
        share = self.readable / self.replies
        return share < _UNREADABLE or (self.mostly_cut and share < _HALF)


class JudgeReadabilityWatch:
    """Looks at the first judgements of responses, in the order of the log.

    `problem` is the reason to stop. A resumed run is judged by its new replies alone.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._judges: list[JudgeMetric] = []
        self._open: set[str] = set()
        """Ids of the calls about responses that have no reply yet."""
        self._seen = _Seen()
        self.problem: str | None = None

    def apply(self, event: Event) -> None:
        """Take in the next event of the run."""
        if event.kind == "task.loaded" and f'"{JUDGE}"'.encode() in event.data:
            message = decode(event)
            assert isinstance(message, TaskLoaded)
            self._judges += judges_of(message.task)
        elif event.kind == "run.resumed":
            self._seen, self.problem = _Seen(), None
        elif event.kind == "call.requested":
            if event.recipients == _ASKED and event.sender.startswith(_ASKED_BY):
                self._open.add(event.id)
        elif event.kind == "call.finished" and event.cause in self._open:
            self._open.discard(event.cause or "")
            self._apply_reply(event)

    def _apply_reply(self, event: Event) -> None:
        seen = self._seen
        if seen.replies == _ENOUGH:
            return
        message = decode(event)
        assert isinstance(message, CallFinished)
        readable = any(judge.is_readable(message.reply) for judge in self._judges)
        seen.replies += 1
        seen.readable += readable
        seen.cut += message.reply.finish == "length"
        seen.quoted = seen.quoted if readable else message.reply.text
        if seen.replies == _ENOUGH and seen.hopeless:
            self.problem = self._explanation(seen)

    def _explanation(self, seen: _Seen) -> str:
        return (
            f"Of the first {seen.replies} replies of the judge, the model of [models.{JUDGE}], "
            f"{seen.readable} could be read, so the responses cannot be graded. A reply: "
            f"{quoted(seen.quoted)}. {self._advice(seen)} To go on all the same, add --accept-unreadable."
        )

    def _advice(self, seen: _Seen) -> str:
        if not seen.mostly_cut:
            return (
                "Look at that reply. A judge needs a capable model: start a run with another one as "
                f"[models.{JUDGE}], or with another metric."
            )
        limits = " and ".join(sorted({f"{judge.options.max_tokens:,}" for judge in self._judges}))
        return (
            f"{seen.cut} of {seen.replies} ended at the token limit: start a run with a higher max_tokens in "
            f"the metric (now {limits}), or switch off the model's reasoning in [models.{JUDGE}]."
        )
