"""Attributes of spans, by the GenAI semantic conventions of OpenTelemetry."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...agents.messages import CallFailed, CallFinished, RunStarted
from ...agents.models.base import ChatMessage, ModelRequest
from ...prompts.content_parts import text_of
from ..projections.spans import Span

_OWN = "transfer_prompting"
_TITLES = {"run": "run", "stage": "stage", "step": "step", "execution": "execute program"}
Attributes = dict[str, Any]


class SpanWords:
    """Names and attributes of the spans of a run. `content` adds the texts of requests and replies."""

    def __init__(self, run: str, opening: RunStarted | None, *, content: bool) -> None:
        self._run, self._content = run, content
        self._identities: Mapping[str, str] = opening.models if opening else {}
        settings = opening.config.get("models") if opening else None
        self._settings: Mapping[str, Any] = settings if isinstance(settings, dict) else {}

    def title(self, span: Span) -> str:
        """Return the name of a span: operation and model for a call, else what it is and its name."""
        if span.kind == "call":
            return f"chat {self._model(span.name)}"
        return f"{_TITLES[span.kind]} {span.name}"

    def attributes(self, span: Span) -> Attributes:
        """Return the attributes of a span."""
        shared: Attributes = {"gen_ai.conversation.id": self._run, f"{_OWN}.{span.kind}": span.name}
        if span.kind == "call":
            return shared | self._of_call(span)
        return shared

    def _of_call(self, span: Span) -> Attributes:
        found: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": str(self._setting(span.name, "provider") or "unknown"),
            "gen_ai.request.model": self._model(span.name),
            f"{_OWN}.role": span.name,
        }
        if span.asked is not None:
            found |= {f"{_OWN}.about": span.asked.about, **_of_request(span.asked.request)}
        if isinstance(span.outcome, CallFinished):
            found |= _of_reply(span.outcome)
        elif isinstance(span.outcome, CallFailed):
            found["error.type"] = span.outcome.cause
        return found | (dict(_contents(span)) if self._content else {})

    def _model(self, role: str) -> str:
        return str(self._setting(role, "model") or self._identities.get(role, role))

    def _setting(self, role: str, name: str) -> Any:
        settings = self._settings.get(role)
        return settings.get(name) if isinstance(settings, dict) else None


def _of_request(request: ModelRequest) -> Attributes:
    found: Attributes = {
        "gen_ai.request.max_tokens": request.max_tokens,
        "gen_ai.request.temperature": request.temperature,
    }
    if request.seed is not None:
        found["gen_ai.request.seed"] = request.seed
    if request.stop:
        found["gen_ai.request.stop_sequences"] = list(request.stop)
    return found


def _of_reply(outcome: CallFinished) -> Attributes:
    """Return tokens and finish reason. A reused reply has used no tokens."""
    reply, reused = outcome.reply, outcome.reused is not None
    return {
        "gen_ai.response.finish_reasons": [reply.finish],
        "gen_ai.usage.input_tokens": 0 if reused else reply.prompt_tokens,
        "gen_ai.usage.output_tokens": 0 if reused else reply.completion_tokens,
        f"{_OWN}.reused": reused,
        f"{_OWN}.attempts": outcome.attempts,
    }


def _contents(span: Span) -> Iterator[tuple[str, str]]:
    if span.asked is not None:
        yield "gen_ai.input.messages", _json([_turn(turn) for turn in span.asked.request.messages])
    if isinstance(span.outcome, CallFinished):
        reply = span.outcome.reply
        answer = {"role": "assistant", "parts": _text(reply.text), "finish_reason": reply.finish}
        yield "gen_ai.output.messages", _json([answer])


def _turn(turn: ChatMessage) -> dict[str, Any]:
    return {"role": turn.role, "parts": _text(text_of(turn.content))}


def _text(content: str) -> list[dict[str, str]]:
    return [{"type": "text", "content": content}]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
