"""Refused parameters and overlong prompts, in the words of the servers that refuse them."""

from typing import Any

import pytest

from transfer_prompting.agents.models.openai.errors import status_failure
from transfer_prompting.agents.models.openai.refusals import refusal_in


def extra(name: str) -> dict[str, Any]:
    """Return pydantic's complaint about an unknown field."""
    message = "Extra inputs are not permitted"
    return {"type": "extra_forbidden", "loc": ["body", name], "msg": message, "input": {"stop": ["x"]}}


def said(message: str, **more: Any) -> dict[str, Any]:
    """Return an error in OpenAI's shape."""
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


PARAMETERS: dict[str, tuple[int, Any, set[str]]] = {
    "OpenAI, limit": (
        400,
        said("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
        {"max_tokens"},
    ),
    "OpenAI, limit without advice": (
        400,
        said("Unrecognized request argument supplied: max_tokens"),
        {"max_tokens"},
    ),
    "two, one of them renamed": (
        400,
        said("Unsupported parameters: max_tokens (use max_completion_tokens), temperature"),
        {"max_tokens", "temperature"},
    ),
    "OpenAI, temperature": (
        400,
        said(
            "Unsupported value: 'temperature' does not support 0.0 with this model. Only the default (1) "
            "is supported.",
            param="temperature",
            code="unsupported_value",
        ),
        {"temperature"},
    ),
    "OpenAI, logprobs": (403, said("You are not allowed to request logprobs from this model."), {"logprobs"}),
    "OpenAI, param only": (400, said("Not here.", param="seed", code="unknown_parameter"), {"seed"}),
    "Azure, two": (400, said("Unrecognized request arguments supplied: seed, stop"), {"seed", "stop"}),
    "Azure AI": (
        422,
        {"error": {"code": "Invalid input", "message": "invalid input error", "details": [extra("seed")]}},
        {"seed"},
    ),
    "Anthropic, field": (400, {"type": "error", **said("seed: Extra inputs are not permitted")}, {"seed"}),
    "Anthropic, value": (
        400,
        said("`temperature` may only be set to 1 when thinking is enabled."),
        {"temperature"},
    ),
    "FastAPI": (422, {"detail": [extra("seed")]}, {"seed"}),
    "Mistral": (422, {"object": "error", "message": {"detail": [extra("seed")]}}, {"seed"}),
    "Fireworks": (400, said("Extra inputs are not permitted, field: 'seed', value: 3"), {"seed"}),
    "Groq": (400, said("property 'logprobs' is unsupported"), {"logprobs"}),
    "xAI": (400, {"error": "Argument not supported on this model: stop"}, {"stop"}),
    "DeepSeek": (400, said("This response_format type is unavailable now"), {"response_format"}),
    "Groq, schema": (
        400,
        said("This model does not support response format `json_schema`. See supported models."),
        {"response_format"},
    ),
    "OpenAI, schema": (
        400,
        said(
            "Invalid schema for response_format 'reply': In context=(), 'additionalProperties' is required "
            "to be supplied and to be false.",
            param="response_format",
        ),
        {"response_format"},
    ),
    "Azure, schema": (
        400,
        said("response_format value as json_schema is enabled only for api versions 2024-08-01-preview"),
        {"response_format"},
    ),
    "vLLM, schema": (
        400,
        said("The provided JSON schema contains features not supported by xgrammar.", code=400),
        {"response_format"},
    ),
    "llama.cpp, schema": (
        400,
        said('JSON schema conversion failed:\nUnrecognized schema: {"type":"date"}', code=400),
        {"response_format"},
    ),
    "llama.cpp, grammar": (
        400,
        said("Failed to parse grammar: unexpected end of input"),
        {"response_format"},
    ),
    "Bedrock": (400, {"message": "Malformed input: extraneous key [seed] is not permitted"}, {"seed"}),
    "vLLM": (
        400,
        {
            "object": "error",
            "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not "
            "permitted', 'input': {'temperature': 0}}]",
        },
        {"seed"},
    ),
    "TGI": (
        422,
        {"error": "Input validation error: `temperature` must be strictly positive"},
        {"temperature"},
    ),
    "serde": (
        422,
        "unknown field `seed`, expected one of `messages`, `max_tokens`, `temperature`, `stop` at line 1",
        {"seed"},
    ),
    "llama.cpp": (500, {"error": {"code": 500, "message": "Unsupported param: seed"}}, {"seed"}),
    "Ollama": (400, said('json: unknown field "seed"'), {"seed"}),
    "Gemini": (
        400,
        [said('Invalid JSON payload received. Unknown name "seed": Cannot find field.', code=400)],
        {"seed"},
    ),
    "Gemma": (400, said("Developer instruction is not enabled for models/gemma-3"), {"system"}),
    "LiteLLM": (
        400,
        said("litellm.UnsupportedParamsError: openai does not support parameters: ['seed', 'stop']"),
        {"seed", "stop"},
    ),
    "request repeated": (
        400,
        said("seed is not supported (request: {'temperature': 0, 'seed': 3, 'max_tokens': 5})"),
        {"seed"},
    ),
    "error of another server": (
        400,
        said('OpenAIException - {"error": {"message": "Unknown parameter: seed"}}'),
        {"seed"},
    ),
    "nameless": (422, {"detail": "Unprocessable Entity"}, set()),
    "empty": (422, "", set()),
    "OpenRouter": (404, said("No endpoints found that support the requested parameters."), set()),
}


@pytest.mark.parametrize("server", PARAMETERS)
def test_refused_parameters_are_read(server: str) -> None:
    """The parameters that a server refuses are read from its words, and no others that it mentions."""
    status, body, names = PARAMETERS[server]
    refusal = status_failure(status, body).refusal
    assert refusal is not None
    assert refusal.names == names


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, said("Please stop sending invalid requests")),
        (400, said("The messages must not be empty.")),
        (400, "Bad Request"),
        (401, said("Incorrect key; seed is not supported")),
        (429, said("The temperature of our servers must not rise: slow down")),
        (400, said("This model's maximum context length is 9 tokens; lower max_completion_tokens")),
    ],
)
def test_other_errors_refuse_no_parameter(status: int, body: Any) -> None:
    """An error of another kind makes no request be sent again with less in it."""
    assert status_failure(status, body).refusal is None


@pytest.mark.parametrize(
    "words",
    [
        "temperature: must be > 0",
        "Invalid temperature value, the valid range of temperature is [0, 2]",
        "Invalid value for 'top_logprobs': must be less than or equal to 5.",
        "Requested sample logprobs of 20, which is greater than max allowed: 5",
        "max_tokens is too large: 100000. This model supports at most 4096 completion tokens",
    ],
)
def test_refused_values_are_told_from_refused_parameters(words: str) -> None:
    """A value out of range says nothing about other values of the parameter."""
    refusal = refusal_in(400, said(words), words)
    assert refusal is not None
    assert refusal.by_value


TOO_LONG = {
    "OpenAI": "This model's maximum context length is 8192 tokens. However, your messages are longer.",
    "OpenAI, newer": "Your input exceeds the context window of this model. Please adjust your input.",
    "OpenAI, by count": "Input tokens exceed the configured limit of 272000 tokens.",
    "Anthropic": "prompt is too long: 208310 tokens > 200000 maximum",
    "Anthropic, sum": "input length and `max_tokens` exceed context limit: 190000 + 21333 > 200000",
    "Gemini": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "TGI": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 3000",
    "TGI, input": "Input validation error: `inputs` must have less than 1024 tokens. Given: 3000",
    "vLLM": "The decoder prompt (length 5000) is longer than the maximum model length of 2048.",
    "vLLM, limit": "'max_tokens' or 'max_completion_tokens' is too large: 1000. This model's maximum context "
    "length is 2048 tokens and your request has 1500 input tokens.",
    "SGLang": "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    "llama.cpp": "the request exceeds the available context size, try increasing it",
    "llama.cpp, batch": "input is too large to process. increase the physical batch size",
    "Ollama": "the input length exceeds the context length",
    "Ollama, newer": "prompt too long; exceeded max context length by 5 tokens",
    "LM Studio": "The number of tokens to keep from the initial prompt is greater than the context length.",
    "Mistral": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
    "Groq": "Please reduce the length of the messages or completion.",
    "Cohere": "too many tokens: total number of tokens in the prompt exceeds the limit of 4081",
    "xAI": "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    "Bedrock": "Input is too long for requested model.",
    "Kimi": "Your request exceeded model token limit: 8192",
    "DashScope": "Range of input length should be [1, 30720]",
}


@pytest.mark.parametrize("status", [400, 422, 500])
@pytest.mark.parametrize("server", TOO_LONG)
def test_overlong_prompts_have_their_cause(server: str, status: int) -> None:
    """A prompt that does not fit is recognised, with whatever status the server says so."""
    error = status_failure(status, {"error": TOO_LONG[server]})
    assert (error.cause, error.retryable) == ("context_length", False)


@pytest.mark.parametrize(
    "words",
    [
        "context deadline exceeded",
        "Rate limit exceeded: too many tokens per minute",
        "You exceeded your current quota",
        "Number of stop sequences exceeds 4",
        "messages: field required",
        "Request timed out",
    ],
)
def test_other_limits_are_not_that_of_the_context(words: str) -> None:
    """Limits of time, rate or number are not taken for a prompt that is too long."""
    assert status_failure(400, {"error": words}).cause == "bad_request"
