"""The trace of one execution: its steps, shortened so that a failing example can be shown."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from ...prompts.shortening import shorten
from ..messages.scores import TraceStep
from ..models.base import ModelReply, ModelRequest
from .order import Place, next_place

_MOST_STEPS = 40
"""Steps that a trace keeps. The log holds every call, however many there are."""
_LONGEST = 1200
"""Characters of a request or a reply in a trace."""


CUT_OFF = "The reply was cut off at its token limit."
"""Error of a step whose reply was."""


class SentCall(NamedTuple):
    """A call that has begun."""

    place: Place
    texts: tuple[str, ...]
    role: str
    asked: str
    key: str
    """Digest of the role and the request."""


class Trace:
    """The steps of one execution so far, and the tokens of its calls. `prompts` are the optimised texts."""

    def __init__(self, prompts: Mapping[str, str]) -> None:
        self._prompts = prompts
        self._steps: list[tuple[Place, TraceStep]] = []
        self.calls = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.requests: dict[str, int] = {}
        """Digest of a request that was answered -> its tokens, those of the reply included."""

    @property
    def steps(self) -> tuple[TraceStep, ...]:
        """The steps in the order in which they began; the middle of a very long trace is left out.

        It is the same for any latencies: proposals quote it, and must not depend on the number of slots.
        """
        steps = [step for _, step in sorted(self._steps, key=lambda placed: placed[0])]
        if len(steps) <= _MOST_STEPS:
            return tuple(steps)
        half = _MOST_STEPS // 2
        left_out = TraceStep(model="...", reply=f"{len(steps) - 2 * half} steps are left out here.")
        return (*steps[:half], left_out, *steps[-half:])

    def begin(self, texts: Sequence[str], role: str, request: ModelRequest) -> SentCall:
        """Note the place of a call that is about to be sent."""
        key = blake2b(f"{role} {request.model_dump_json()}".encode(), digest_size=8).hexdigest()
        return SentCall(next_place(), tuple(texts), role, _asked(request, self._prompts), key)

    def add_reply(self, call: SentCall, got: ModelReply) -> None:
        """Add a call that was answered."""
        self.prompt_tokens += got.prompt_tokens
        self.completion_tokens += got.completion_tokens
        error = CUT_OFF if got.finish == "length" else ""
        tokens = got.prompt_tokens + got.completion_tokens
        self.requests[call.key] = tokens
        self._add(call, shorten(_said(got), _LONGEST), error, tokens)

    def add_failure(self, call: SentCall, error: str) -> None:
        """Add a call that has failed for good."""
        self._add(call, "", shorten(error, _LONGEST), 0)

    def add_note(self, what: str, content: str, texts: Sequence[str] = ()) -> None:
        """Add a step that was no call."""
        step = TraceStep(
            texts=tuple(texts), model=shorten(str(what), 80), reply=shorten(str(content), _LONGEST)
        )
        self._steps.append((next_place(), step))

    def _add(self, call: SentCall, reply: str, error: str, tokens: int) -> None:
        self.calls += 1
        step = TraceStep(
            texts=call.texts, model=call.role, asked=call.asked, reply=reply, error=error, tokens=tokens
        )
        self._steps.append((call.place, step))


def texts_in(request: ModelRequest, prompts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the texts whose words stand in a request."""
    turns = [message.text for message in request.messages]
    return tuple(
        name for name, text in prompts.items() if text.strip() and any(text.strip() in turn for turn in turns)
    )


def _asked(request: ModelRequest, prompts: Mapping[str, str]) -> str:
    """Return the turns of a request but those of the model, without the words of the optimised texts."""
    turns = [message.text for message in request.messages if message.role != "assistant"]
    asked = "\n".join(turns)
    for text in sorted((text.strip() for text in prompts.values() if text.strip()), key=len, reverse=True):
        asked = asked.replace(text, "").strip()
    return shorten(asked, _LONGEST)


def _said(reply: ModelReply) -> str:
    calls = [f"{call.name}({call.arguments})" for call in reply.tool_calls]
    return "\n".join([*([reply.text] if reply.text else []), *calls])
