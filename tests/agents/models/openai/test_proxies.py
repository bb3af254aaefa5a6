"""The proxies of the environment: used if they can be, and otherwise named in the error."""

from typing import Any

import pytest
from openai_serving import KEY, failure_of, serving

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.openai.model import OpenAIModel
from transfer_prompting.agents.models.openai.proxies import proxy_for

FAR = "http://models.example/v1"
SAFE = "https://models.example/v1"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        for variable in (f"{name}_proxy", f"{name}_proxy".upper()):
            monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    ("variable", "value", "url", "proxy"),
    [
        ("HTTP_PROXY", "http://proxy:3128", FAR, "http://proxy:3128"),
        ("https_proxy", "http://proxy:3128", SAFE, "http://proxy:3128"),
        ("ALL_PROXY", "http://proxy:3128", SAFE, "http://proxy:3128"),
        ("HTTPS_PROXY", "proxy:3128", SAFE, "http://proxy:3128"),
        ("HTTPS_PROXY", "127.0.0.1:3128", SAFE, "http://127.0.0.1:3128"),
        ("HTTPS_PROXY", "//proxy:3128", SAFE, "http://proxy:3128"),
        ("HTTPS_PROXY", "user:word@proxy:3128", SAFE, "http://user:word@proxy:3128"),
        ("HTTPS_PROXY", "proxy", SAFE, "http://proxy"),
        ("HTTPS_PROXY", " ", SAFE, None),
        ("HTTP_PROXY", "socks5://proxy:1080", SAFE, None),
        ("ALL_PROXY", "socks5://proxy:1080", "http://127.0.0.1:8000/v1", None),
    ],
)
def test_proxy_of_an_address(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, url: str, proxy: str | None
) -> None:
    """A proxy may lack its scheme, as with other programs; one for other addresses does not matter."""
    monkeypatch.setenv(variable, value)
    assert proxy_for(url) == proxy


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    "value",
    [
        "socks5://user:hunter2@proxy:1080",
        "socks5h://proxy:1080",
        "SOCKS4://proxy:1080",
        "ftp://proxy",
        "http://",
        "http://hunter2:port",
        "hunter2 proxy:80",
        "http://[hunter2",
    ],
)
def test_unusable_proxy_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """The error names the variable and the mend, and never quotes the value, which may hold a password."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ModelError) as caught:
        proxy_for(SAFE)
    error = caught.value
    assert (error.cause, error.sent) == ("not_supported", False)
    assert variable in error.message
    assert "NO_PROXY" in error.advice
    assert "hunter2" not in str(error)


async def test_socks_proxy_ends_the_request_clearly(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request through a socks proxy fails without being sent, and is not retried."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    model = OpenAIModel("tiny", FAR, api_key=KEY)
    error = await failure_of(model, ask())
    await model.close()
    assert (error.cause, error.retryable) == ("not_supported", False)
    assert "ALL_PROXY names a proxy of the kind socks5" in error.message


async def test_proxy_without_a_scheme_is_used(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare host and port is an http proxy."""
    async with serving() as endpoint:
        monkeypatch.setenv("HTTP_PROXY", endpoint.url.removeprefix("http://").removesuffix("/v1"))
        model = OpenAIModel("tiny", FAR, api_key=KEY)
        assert (await model.reply(ask())).text == "hello"
        await model.close()
    assert endpoint.requests[0][1]["Host"] == "models.example"
