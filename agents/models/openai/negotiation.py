"""One request to servers that may refuse parts of it: it is sent again without them until it is answered."""

from collections.abc import Collection, Mapping
from typing import Any

from ..base import ModelError, ModelReply, ModelRequest
from .endpoint import Endpoint
from .errors import EndpointError
from .refusals import Refusal
from .requests import FEW_ALTERNATIVES, MANY_ALTERNATIVES, chat_payload

_GUESSES = ("seed", "logprobs", "response_format", "stop", "temperature")
"""Parameters to leave out one after the other if a server refuses some without naming them."""


class Negotiation:
    """The payloads of one request, and what their endpoints have refused.

    Corrections depend on what this request was sent with, and not on what others have learnt meanwhile. An
    endpoint learns them when it has answered the corrected request.
    """

    def __init__(
        self, model: str, request: ModelRequest, left_out: Collection[str], params: Mapping[str, Any]
    ) -> None:
        self._model = model
        self._request = request
        self._left_out = frozenset(left_out)
        self._params = params
        self._own: dict[Endpoint, frozenset[str]] = {}
        self._endpoint: Endpoint | None = None
        self._sent_without: frozenset[str] = frozenset()
        self._sent: Mapping[str, Any] = {}
        self._guesses: bool | None = None

    def payload(self, endpoint: Endpoint) -> bytes:
        """Return the body to send to an endpoint, without all that it is known to refuse."""
        import orjson

        self._endpoint = endpoint
        # A request that has begun to guess goes on, whatever others find out.
        self._guesses = endpoint.guesses_help if self._guesses is None else self._guesses
        refused = self._left_out | endpoint.refused | self._own.get(endpoint, frozenset())
        self._sent_without = refused
        self._sent = chat_payload(self._model, self._request, refused, self._params)
        return orjson.dumps(self._sent)

    def corrects(self, error: ModelError) -> bool:
        """Return True if the request can be sent again without what the error refuses."""
        if not isinstance(error, EndpointError) or error.refusal is None or self._endpoint is None:
            return False
        found = frozenset(self._corrections(error.refusal)) - self._sent_without
        if not found:
            self._endpoint.guesses_help &= bool(error.refusal.names)
            return False
        self._own[self._endpoint] = self._own.get(self._endpoint, frozenset()) | found
        return True

    def conclude(self, reply: ModelReply) -> ModelReply:
        """Let the endpoint learn from the answer, and return it, cut at the stop strings if need be."""
        if self._endpoint is not None:
            self._endpoint.refused |= self._own.get(self._endpoint, frozenset())
        return _cut(reply, self._request.stop) if "stop" in self._sent_without else reply

    def _corrections(self, refusal: Refusal) -> set[str]:
        if refusal.names:
            sent = (name for name in refusal.names if self._was_sent(name))
            return {self._correction(name, refusal.by_value) for name in sent} - {""}
        guess = next((name for name in _GUESSES if self._guesses and self._was_sent(name)), None)
        return set() if guess is None else {guess}

    def _correction(self, name: str, by_value: bool) -> str:
        """Return what to leave out after the refusal of a parameter or of its value; "" if nothing can be."""
        if not by_value:
            return name
        if name == "temperature":
            return f"temperature={self._request.temperature}"
        if name == "logprobs" and self._sent.get("top_logprobs", 0) > FEW_ALTERNATIVES:
            return MANY_ALTERNATIVES
        return "" if name == "max_tokens" else name

    def _was_sent(self, name: str) -> bool:
        if name == "system":
            return any(message["role"] == "system" for message in self._sent["messages"])
        return name in self._sent and name not in self._params


def _cut(reply: ModelReply, stop: Collection[str]) -> ModelReply:
    """Return the reply as far as the first stop string, as a server would have ended it."""
    found = [reply.text.find(text) for text in stop if text and text in reply.text]
    return reply.model_copy(update={"text": reply.text[: min(found)], "finish": "stop"}) if found else reply
