"""The trace of one execution: its steps, shortened so that a failing example can be shown."""

from collections.abc import Mapping, Sequence

from ...prompts.shortening import shorten
from ..messages.scores import TraceStep
from ..models.base import ModelReply, ModelRequest

_MOST_STEPS = 40
"""Steps that a trace keeps. The log holds every call, however many there are."""
_LONGEST = 1200
"""Characters of a request or a reply in a trace."""


class Trace:
    """The steps of one execution so far, and the tokens of its calls."""

    def __init__(self) -> None:
        self._steps: list[TraceStep] = []
        self.calls = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0

    @property
    def steps(self) -> tuple[TraceStep, ...]:
        """The steps in the order in which they ended; the middle of a very long trace is left out."""
        if len(self._steps) <= _MOST_STEPS:
            return tuple(self._steps)
        half = _MOST_STEPS // 2
        left_out = TraceStep(model="...", reply=f"{len(self._steps) - 2 * half} steps are left out here.")
        return (*self._steps[:half], left_out, *self._steps[-half:])

    def add_reply(
        self, texts: Sequence[str], prompts: Mapping[str, str], role: str, sent: ModelRequest, got: ModelReply
    ) -> None:
        """Add a call that was answered."""
        self.calls += 1
        self.prompt_tokens += got.prompt_tokens
        self.completion_tokens += got.completion_tokens
        self._steps.append(
            TraceStep(
                texts=tuple(texts),
                model=role,
                asked=_asked(sent, prompts),
                reply=shorten(_said(got), _LONGEST),
                error="The reply was cut off at its token limit." if got.finish == "length" else "",
                tokens=got.prompt_tokens + got.completion_tokens,
            )
        )

    def add_failure(
        self, texts: Sequence[str], prompts: Mapping[str, str], role: str, sent: ModelRequest, error: str
    ) -> None:
        """Add a call that has failed for good."""
        self.calls += 1
        self._steps.append(
            TraceStep(
                texts=tuple(texts), model=role, asked=_asked(sent, prompts), error=shorten(error, _LONGEST)
            )
        )

    def add_note(self, what: str, content: str, texts: Sequence[str] = ()) -> None:
        """Add a step that was no call."""
        self._steps.append(
            TraceStep(texts=tuple(texts), model=shorten(str(what), 80), reply=shorten(str(content), _LONGEST))
        )


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
