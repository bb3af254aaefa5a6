"""What went wrong at an endpoint, in the project's own terms."""

from typing import Any

from .base import FailureCause, ModelError

_MESSAGE_LENGTH = 300

_ADVICE: dict[FailureCause, str] = {
    "authentication": "Put a valid key into the variable that api_key_env names in [models.NAME].",
    "quota": "Raise the limit or pay the bill at the provider; what is done so far is kept.",
    "rate_limit": "Lower concurrency in [models.NAME].",
    "timeout": "Raise timeout or lower concurrency in [models.NAME].",
    "connection": "Start the server or correct base_url in [models.NAME].",
    "server_error": "Look into the server's log.",
    "bad_request": "Correct model or base_url in [models.NAME], or shorten the prompt.",
    "malformed_reply": "Check that base_url in [models.NAME] leads to an OpenAI-compatible endpoint.",
}
_RETRYABLE: frozenset[FailureCause] = frozenset(
    {"rate_limit", "timeout", "connection", "server_error", "malformed_reply"}
)
_CAUSES: dict[int, FailureCause] = {
    401: "authentication",
    402: "quota",
    403: "authentication",
    408: "timeout",
    429: "rate_limit",
}


def failure(cause: FailureCause, message: str) -> ModelError:
    """Return the error for a cause, with its advice."""
    return ModelError(cause, message, retryable=cause in _RETRYABLE, advice=_ADVICE.get(cause, ""))


def timeout_failure(url: str, seconds: float) -> ModelError:
    """Return the error for an exchange that took longer than `seconds`."""
    return failure("timeout", f"No reply from {url} within {seconds:g} s.")


def connection_failure(url: str, what: str) -> ModelError:
    """Return the error for a connection that was refused or broke off; `what` names the exception."""
    return failure("connection", f"The connection to {url} failed ({what}).")


def status_failure(status: int, body: str, retry_after: str | None) -> ModelError:
    """Return the error for a status other than 200, in the server's own words.

    `retry_after` is the header of that name, which only adds to the message.
    """
    words = _server_words(body)
    cause = cause_of_status(status, out_of_quota="insufficient_quota" in body)
    wait = f" (the server asks to wait {retry_after} s)" if retry_after else ""
    return failure(cause, f"The endpoint answered {status}{wait}: {words}")


def cause_of_status(status: int, *, out_of_quota: bool = False) -> FailureCause:
    """Return what an HTTP status other than 200 means; a used-up quota hides behind several."""
    if out_of_quota:
        return "quota"
    if status >= 500:
        return "server_error"
    if status < 400:
        return "malformed_reply"
    return _CAUSES.get(status, "bad_request")


def _server_words(body: str) -> str:
    """Return the message in an error body of whatever shape, on one line of bounded length."""
    import orjson

    try:
        found = _message_in(orjson.loads(body))
    except orjson.JSONDecodeError:
        found = body
    words = " ".join(found.split())[:_MESSAGE_LENGTH] or "no explanation"
    return words if words.endswith((".", "!", "?")) else words + "."


def _message_in(value: Any) -> str:
    """Servers put it at error.message, message, detail or error."""
    if isinstance(value, dict):
        for key in ("error", "message", "detail"):
            if value.get(key):
                return _message_in(value[key])
    return value if isinstance(value, str) else str(value)
