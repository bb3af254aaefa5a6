"""Keys in the settings of a model: refused where a log would store them, and never repeated by the error."""

from typing import Any

import pytest
from pydantic import ValidationError

from transfer_prompting.agents.models.registry import ModelSettings

KEY = "sk-proj-Q7/x+Zr9-abcdefGHIJK0123456789-wxyz"
SECRET = "Zx9hunter2hunter2Q"
ADDRESSES = [
    f"https://host/v1?code={SECRET}",
    f"https://host/v1?auth={SECRET}",
    f"https://host/v1?pwd={SECRET}",
    f"https://host/v1?key={SECRET}",
    f"https://host/v1?token={SECRET}",
    f"https://host/v1?X-Amz-Signature={SECRET}",
    f"https://host/v1?sig={SECRET}",
    f"https://host/v1?subscription-key={SECRET}",
    f"https://host/v1?access_token={SECRET}",
    f"https://host/v1?api-version=1&Ocp-Apim={SECRET}",
    f"https://host/v1?a=1;token={SECRET}",
    f"https://host/v1?%6Bey={SECRET}",
    f"https://host/v1?{SECRET}",
    f"https://host/v1?q={SECRET}",
    f"https://host/v1#{SECRET}",
    f"https://host/v1#access_token={SECRET}",
    f"https://user:{SECRET}@host/v1",
    f"https://{SECRET}@host/v1",
    f"https://:{SECRET}@host/v1",
    f"https://user:{SECRET}/x@host/v1",
    f"https://[{SECRET}@host/v1",
    f"https://host/sk-{SECRET}/v1",
]


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("url", ADDRESSES)
def test_secret_in_an_address_is_refused_and_not_repeated(url: str, several: bool) -> None:
    """Lost otherwise: the secret, which every log of the run would hold, or the error on the screen."""
    with pytest.raises(ValidationError) as caught:
        ModelSettings(provider="openai", model="m", base_url=("http://127.0.0.1/v1", url) if several else url)
    assert "base_url" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert not any(isinstance(fault["input"], str) for fault in caught.value.errors())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/v1",
        "http://[::1]:8000/v1",
        "https://x.openai.azure.com/openai/deployments/gpt-4o?api-version=2024-10-01-preview",
        "https://router.huggingface.co/hf-inference/models/org/name/v1",
        "https://api.cloudflare.com/client/v4/accounts/0123456789abcdef0123456789abcdef/ai/v1",
        "https://host/v1?region=eu-west-1",
    ],
)
def test_harmless_addresses_are_accepted(url: str) -> None:
    """A check that refused ordinary addresses would be switched off."""
    assert ModelSettings(provider="openai", model="m", base_url=url).base_url == url


@pytest.mark.parametrize(
    "value",
    [
        KEY,
        "sk-hunter2",
        "hf_hunter2hunter2hunter2hunter2abcd12",
        "gsk_hunter2hunter2hunter2",
        "AIzaSyhunter2hunter2hunter2hunter2",
        "hunter2hunter2hunter2",
        "Bearer hunter2",
        "hunter2.with.dots",
        "hunter2=",
        "$hunter2",
        "",
        "ÄPFEL_hunter2",
        5,
        ["hunter2"],
    ],
)
def test_key_in_place_of_its_variable_is_refused_and_not_repeated(value: Any) -> None:
    """Lost otherwise: the key, pasted where the name of a variable belongs, and stored in the log."""
    with pytest.raises(ValidationError) as caught:
        ModelSettings(provider="openai", model="m", base_url="http://h/v1", api_key_env=value)
    assert "api_key_env must be the name of an environment variable" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert KEY not in str(caught.value)
    assert not any(isinstance(fault["input"], str | list) for fault in caught.value.errors())


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "MY_KEY_2", "_x", "TOGETHER_API_KEY_PRODUCTION_EU"])
def test_names_of_variables_are_accepted(name: str) -> None:
    """Any ordinary name of a variable may hold the key."""
    settings = ModelSettings(provider="openai", model="m", base_url="http://h/v1", api_key_env=name)
    assert settings.api_key_env == name


@pytest.mark.parametrize(
    "params",
    [
        {"api_key": "hunter2"},
        {"Authorization": "hunter2"},
        {"extra": {"access_token": "hunter2"}},
        {"user": "sk-hunter2hunter2"},
        {"sk-hunter2hunter2": 1},
    ],
)
def test_key_in_the_params_is_refused_and_not_repeated(params: dict[str, Any]) -> None:
    """Lost otherwise: a key among the further fields of a request, which the log stores."""
    with pytest.raises(ValidationError) as caught:
        ModelSettings(provider="openai", model="m", base_url="http://h/v1", params=params)
    assert "hunter2" not in str(caught.value)
