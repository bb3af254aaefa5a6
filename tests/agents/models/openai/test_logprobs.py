"""Options rated by the alternatives to the tokens of an answer."""

from math import exp, log
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.agents.models.openai.logprobs import rate_options


def request(*options: str, lead: str | None = "Answer:") -> ModelRequest:
    return ModelRequest(messages=(ChatMessage(role="user", content="?"),), options=options or None, lead=lead)


def logprobs(*tokens: str | tuple[str, dict[str, float]]) -> dict[str, Any]:
    """A server's words: each token with the probabilities of its alternatives, or with none but itself."""
    pairs = [(token, {token: 1.0}) if isinstance(token, str) else token for token in tokens]
    return {
        "content": [
            {
                "token": token,
                "logprob": log(shares[token]),
                "top_logprobs": [{"token": t, "logprob": log(p)} for t, p in shares.items()],
            }
            for token, shares in pairs
        ]
    }


def rated(*shares: float) -> Any:
    return pytest.approx(shares)


def test_alternatives_behind_the_lead() -> None:
    """An option has the probability of the tokens that begin it, where the answer stands."""
    answer = (" yes", {" yes": 0.6, " no": 0.2, "Yes": 0.1, " maybe": 0.1})
    found = rate_options(logprobs("Answer", ":", answer, "\n"), request("yes", "no"))
    assert found is not None
    assert tuple(map(exp, found)) == rated(0.7, 0.2)


@pytest.mark.parametrize(
    "tokens",
    [
        ["**", "Answer", ":**", " ", ("yes", {"yes": 0.6, "no": 0.2})],
        ["answer: ", ("ye", {"ye": 0.6, "n": 0.2}), "s"],
        ["I think.\n", "Answer:", ("yes.", {"yes.": 0.6, "no": 0.2})],
        ["Answer", ": ", ('"yes', {'"yes': 0.6, "no": 0.2})],
    ],
)
def test_cuts_of_tokens(tokens: list[Any]) -> None:
    """However the server cuts its tokens, the answer's first one is found."""
    found = rate_options(logprobs(*tokens), request("yes", "no"))
    assert found is not None
    assert tuple(map(exp, found)) == rated(0.6, 0.2)


def test_an_option_that_is_not_named() -> None:
    """It gets the most that it can have: no more than the last named one, nor than what all of them leave."""
    some = rate_options(logprobs("Answer: ", ("yes", {"yes": 0.9, "well": 0.06})), request("yes", "no"))
    assert some is not None
    assert tuple(map(exp, some)) == rated(0.9, 0.04)
    other = rate_options(logprobs("Answer: ", ("yes", {"yes": 0.5, "well": 0.06})), request("yes", "no"))
    assert other is not None
    assert tuple(map(exp, other)) == rated(0.5, 0.06)


@pytest.mark.parametrize(
    ("said", "options", "lead"),
    [
        (logprobs("Answer: ", "yes"), (), "Answer:"),
        (logprobs("Answer: ", "yes"), ("yes", "no"), None),
        (logprobs("It is ", "yes"), ("yes", "no"), "Answer:"),
        (logprobs("Answer:"), ("yes", "no"), "Answer:"),
        (logprobs("Answer: ", ("well", {"well": 0.9})), ("yes", "no"), "Answer:"),
        (logprobs("Answer: ", ("bill", {"bill": 0.9, "pay": 0.1})), ("bill_a", "bill_b", "pay"), "Answer:"),
        (None, ("yes", "no"), "Answer:"),
        ({"content": [{"token": "Answer: yes"}]}, ("yes", "no"), "Answer:"),
        ({"content": None}, ("yes", "no"), "Answer:"),
    ],
    ids=["no options", "no lead", "no lead said", "cut", "none named", "same token", "none", "form", "null"],
)
def test_what_cannot_be_told(said: Any, options: tuple[str, ...], lead: str | None) -> None:
    """Where the options cannot be rated there is no number for any of them."""
    assert rate_options(said, request(*options, lead=lead)) is None
