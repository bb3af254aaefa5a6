"""Errors of an endpoint as `ModelError`s with a cause and advice."""

from collections.abc import Callable, Mapping
from typing import Any

from ..base import FailureCause, ModelError
from .context_length import is_too_long
from .refusals import Refusal, refusal_in
from .server_words import message_in, sentence

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
"""Values of an error's `code`, `type` or `status`, which say more than the HTTP status."""
_SEARCHED = 4000
"""Most characters of a message that are read."""
_PROMPT_STATUSES = frozenset({400, 413, 422, 500})
"""Statuses with which servers refuse a prompt that is too long."""


class EndpointError(ModelError):
    """An error that the endpoint reported, and the parameters of the request that it refuses."""

    refusal: Refusal | None = None


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


def status_failure(
    status: int, body: Any, retry_after: float | None = None, *, hide: Callable[[str], str] = str
) -> EndpointError:
    """Return the error for a status other than 200, which quotes the server's message.

    `body` is the body as it was parsed, or as text; `hide` blanks the key in a text.
    """
    message = sentence(hide(message_in(body)[:_SEARCHED]))
    cause = _cause(status, body, message)
    error = EndpointError(
        cause,
        f"The endpoint answered {status}: {message}",
        retryable=cause in _RETRYABLE,
        retry_after=retry_after,
        advice=_ADVICE.get(cause, ""),
    )
    if cause not in ("context_length", "quota", "content_filter", "rate_limit"):
        error.refusal = refusal_in(status, body, message)
    return error


def redirection_failure(status: int, target: str) -> ModelError:
    """Return the error for a redirection, which is never followed."""
    where = f" to {sentence(target)[:-1]}" if target else ""
    return ModelError(
        "malformed_reply",
        f"The endpoint answered {status}: it redirects{where}. Redirections are not followed, because the "
        "key would be sent to another address.",
        retryable=True,
        advice="Set base_url in [models.NAME] to an address that answers itself.",
    )


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
    for code in _codes_in(body):
        if code in _CODES:
            return _CODES[code]
    if status in _PROMPT_STATUSES and is_too_long(message):
        return "context_length"
    return cause_of_status(status)


def _codes_in(body: Any) -> list[str]:
    """Return the codes of an error, which servers put beside its message."""
    if isinstance(body, list) and body:
        body = body[0]
    detail = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(detail, dict):
        return []
    return [code for key in ("code", "type", "status") if isinstance(code := detail.get(key), str)]
