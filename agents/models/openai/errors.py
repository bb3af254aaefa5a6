"""Errors of an endpoint as `ModelError`s with a cause and advice."""

from collections.abc import Mapping
from typing import Any

from ..base import FailureCause, ModelError

_MESSAGE_LENGTH = 300

_ADVICE: dict[FailureCause, str] = {
    "authentication": "Put a valid key into the variable that api_key_env names in [models.NAME].",
    "quota": "Raise the limit or pay the bill at the provider; what is done so far is kept.",
    "rate_limit": "Lower concurrency or raise max_wait in [models.NAME].",
    "timeout": "Raise timeout or lower concurrency in [models.NAME].",
    "connection": "Start the server or correct base_url in [models.NAME].",
    "server_error": "Look into the server's log.",
    "bad_request": "Correct [models.NAME], or leave out what this model does not accept.",
    "not_found": "Correct model or base_url in [models.NAME].",
    "context_length": "Shorten the prompt, use fewer demonstrations, or lower max_tokens.",
    "content_filter": "Leave the example out, or use a model that answers it.",
    "malformed_reply": "Check that base_url in [models.NAME] leads to an OpenAI-compatible endpoint.",
}
_RETRYABLE: frozenset[FailureCause] = frozenset(
    {"rate_limit", "timeout", "connection", "server_error", "malformed_reply"}
)
_CAUSES: dict[int, FailureCause] = {
    401: "authentication",
    402: "quota",
    403: "authentication",
    404: "not_found",
    408: "timeout",
    413: "context_length",
    429: "rate_limit",
    529: "rate_limit",  # Some providers mean "overloaded" by it.
}
_CODES: dict[str, FailureCause] = {
    "insufficient_quota": "quota",
    "billing_hard_limit_reached": "quota",
    "invalid_api_key": "authentication",
    "model_not_found": "not_found",
    "context_length_exceeded": "context_length",
    "exceed_context_size_error": "context_length",
    "content_filter": "content_filter",
    "content_policy_violation": "content_filter",
}
"""Values of an error's `code` or `type`, which say more than the status."""
_CONTEXT_PHRASES = ("maximum context length", "maximum model length", "context size", "context window")


def failure(cause: FailureCause, message: str) -> ModelError:
    """Return the error for a cause, with the advice that belongs to it."""
    return ModelError(cause, message, retryable=cause in _RETRYABLE, advice=_ADVICE.get(cause, ""))


def timeout_failure(url: str, seconds: float) -> ModelError:
    """Return the error for an exchange that took longer than `seconds`."""
    return failure("timeout", f"No reply from {url} within {seconds:g} s.")


def connection_failure(tried: Mapping[str, str], *, sent: bool | None = None) -> ModelError:
    """Return the error for failed connections; `tried` maps each address to the name of its exception."""
    failed = ", and to ".join(f"{url} failed ({reason})" for url, reason in tried.items())
    error = failure("connection", f"The connection to {failed}.")
    error.sent = sent
    return error


def rate_limit_failure(url: str, waited: float, wait: float, max_wait: float) -> ModelError:
    """Return the error for an endpoint whose rate limit outlasts `max_wait`. Times are in seconds.

    The error is not retryable: a person decides whether to wait longer.
    """
    return ModelError(
        "rate_limit",
        f"{url} is over its rate limit: after {waited:.0f} s of waiting it wants {wait:.0f} s more, which is "
        f"beyond the max_wait of {max_wait:g} s.",
        retry_after=wait,
        advice=_ADVICE["rate_limit"],
        sent=False,
    )


def status_failure(status: int, body: str, retry_after: float | None = None) -> ModelError:
    """Return the error for a status other than 200, which quotes the server's message."""
    parsed = _parsed(body)
    message = _shortened(_message_in(parsed))
    error = failure(_cause(status, parsed, message), f"The endpoint answered {status}: {message}")
    error.retry_after = retry_after
    return error


def cause_of_status(status: int, *, out_of_quota: bool = False) -> FailureCause:
    """Return the cause of an HTTP status other than 200.

    Several statuses can mean a used-up quota; `out_of_quota` says that this one does.
    """
    if out_of_quota:
        return "quota"
    if status in _CAUSES:
        return _CAUSES[status]
    if status >= 500:
        return "server_error"
    return "malformed_reply" if status < 400 else "bad_request"


def _cause(status: int, body: Any, message: str) -> FailureCause:
    detail = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(detail, dict):
        for key in ("code", "type"):
            code = detail.get(key)
            if isinstance(code, str) and code in _CODES:
                return _CODES[code]
    if status == 400 and any(phrase in message.lower() for phrase in _CONTEXT_PHRASES):
        return "context_length"
    return cause_of_status(status)


def _parsed(body: str) -> Any:
    import orjson

    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body


def _shortened(text: str) -> str:
    """Return one line of limited length that ends like a sentence."""
    line = " ".join(text.split())[:_MESSAGE_LENGTH] or "no explanation"
    return line if line.endswith((".", "!", "?")) else line + "."


def _message_in(value: Any) -> str:
    """Return the message, which servers put at error.message, message, detail or error."""
    if isinstance(value, dict):
        for key in ("error", "message", "detail"):
            if value.get(key):
                return _message_in(value[key])
    return value if isinstance(value, str) else str(value)
