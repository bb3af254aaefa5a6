"""What went wrong at an endpoint, in the project's own terms."""

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
    529: "rate_limit",  # some providers' "overloaded"
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
"""What servers write into an error's `code` or `type`; it says more than the status."""
_CONTEXT_WORDS = ("maximum context length", "maximum model length", "context size", "context window")


def failure(cause: FailureCause, message: str) -> ModelError:
    """Return the error for a cause, with its advice."""
    return ModelError(cause, message, retryable=cause in _RETRYABLE, advice=_ADVICE.get(cause, ""))


def timeout_failure(url: str, seconds: float) -> ModelError:
    """Return the error for an exchange that took longer than `seconds`."""
    return failure("timeout", f"No reply from {url} within {seconds:g} s.")


def connection_failure(tried: Mapping[str, str], *, sent: bool | None = None) -> ModelError:
    """Return the error for addresses that were refused or broke off: address -> name of the exception."""
    told = ", and to ".join(f"{url} failed ({what})" for url, what in tried.items())
    error = failure("connection", f"The connection to {told}.")
    error.sent = sent
    return error


def rate_limit_failure(url: str, waited: float, wait: float, max_wait: float) -> ModelError:
    """Return the error for an endpoint whose limit outlasts `max_wait`; waiting on is left to a person."""
    return ModelError(
        "rate_limit",
        f"{url} is over its rate limit: after {waited:.0f} s of waiting it wants {wait:.0f} s more, which is "
        f"beyond the max_wait of {max_wait:g} s.",
        retry_after=wait,
        advice=_ADVICE["rate_limit"],
        sent=False,
    )


def status_failure(status: int, body: str, retry_after: float | None = None) -> ModelError:
    """Return the error for a status other than 200, in the server's own words."""
    found = _parsed(body)
    words = _bounded(_message_in(found))
    error = failure(_cause(status, found, words), f"The endpoint answered {status}: {words}")
    error.retry_after = retry_after
    return error


def cause_of_status(status: int, *, out_of_quota: bool = False) -> FailureCause:
    """Return what an HTTP status other than 200 means; a used-up quota hides behind several."""
    if out_of_quota:
        return "quota"
    if status in _CAUSES:
        return _CAUSES[status]
    if status >= 500:
        return "server_error"
    return "malformed_reply" if status < 400 else "bad_request"


def _cause(status: int, found: Any, words: str) -> FailureCause:
    detail = found.get("error", found) if isinstance(found, dict) else None
    if isinstance(detail, dict):
        for key in ("code", "type"):
            code = detail.get(key)
            if isinstance(code, str) and code in _CODES:
                return _CODES[code]
    if status == 400 and any(phrase in words.lower() for phrase in _CONTEXT_WORDS):
        return "context_length"
    return cause_of_status(status)


def _parsed(body: str) -> Any:
    import orjson

    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body


def _bounded(text: str) -> str:
    """One line of bounded length that ends like a sentence."""
    words = " ".join(text.split())[:_MESSAGE_LENGTH] or "no explanation"
    return words if words.endswith((".", "!", "?")) else words + "."


def _message_in(value: Any) -> str:
    """Servers put it at error.message, message, detail or error."""
    if isinstance(value, dict):
        for key in ("error", "message", "detail"):
            if value.get(key):
                return _message_in(value[key])
    return value if isinstance(value, str) else str(value)
