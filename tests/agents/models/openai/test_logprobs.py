"""Rating of options by the alternatives to the tokens of an answer."""

from math import exp, isfinite, log
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.agents.models.openai.logprobs import rate_options


def request(*options: str, lead: str | None = "Answer:") -> ModelRequest:
    """Return a request for an answer with options."""
    return ModelRequest(messages=(ChatMessage(role="user", content="?"),), options=options or None, lead=lead)


def logprobs(*tokens: str | tuple[str, dict[str, float]]) -> dict[str, Any]:
    """Return a server's format: each token with the probabilities of its alternatives, by default itself."""
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
    """Return the expected probabilities, to be compared approximately."""
    return pytest.approx(shares)


def test_alternatives_after_the_lead() -> None:
    """An option has the probability of the tokens after the lead that begin it."""
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
def test_token_boundaries_do_not_matter(tokens: list[Any]) -> None:
    """The answer's first token is found wherever the server's tokens begin and end."""
    found = rate_options(logprobs(*tokens), request("yes", "no"))
    assert found is not None
    assert tuple(map(exp, found)) == rated(0.6, 0.2)


def test_option_without_an_alternative_gets_its_upper_bound() -> None:
    """The bound is the smaller of the least alternative and the rest that all alternatives leave."""
    one = rate_options(logprobs("Answer: ", ("yes", {"yes": 0.9, "well": 0.06})), request("yes", "no"))
    assert one is not None
    assert tuple(map(exp, one)) == rated(0.9, 0.04)
    other = rate_options(logprobs("Answer: ", ("yes", {"yes": 0.5, "well": 0.06})), request("yes", "no"))
    assert other is not None
    assert tuple(map(exp, other)) == rated(0.5, 0.06)


@pytest.mark.parametrize(
    ("reported", "options", "lead"),
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
    ids=["no options", "no lead", "lead missing", "cut", "none listed", "same token", "none", "form", "null"],
)
def test_options_that_cannot_be_rated(reported: Any, options: tuple[str, ...], lead: str | None) -> None:
    """If the options cannot be rated, none of them gets a number."""
    assert rate_options(reported, request(*options, lead=lead)) is None


@pytest.mark.parametrize("impossible", [-9999.0, float("-inf"), -1e308])
def test_impossible_alternatives_have_a_finite_bound(impossible: float) -> None:
    """Servers report tokens that cannot be chosen; their log-probabilities raise nothing and stay finite."""
    reported = logprobs("Answer: ", ("yes", {"yes": 1.0}))
    reported["content"][-1]["top_logprobs"].append({"token": "no", "logprob": impossible})
    found = rate_options(reported, request("yes", "no"))
    assert found is not None
    assert all(map(isfinite, found))


@pytest.mark.parametrize("wrong", [float("nan"), 1e308, "x", None])
def test_absurd_logprobs_raise_nothing(wrong: object) -> None:
    """A log-probability that is none leaves no rating, or at most that of a certain token."""
    reported = logprobs("Answer: ", ("yes", {"yes": 1.0}))
    reported["content"][-1]["top_logprobs"][0]["logprob"] = wrong
    found = rate_options(reported, request("yes", "no"))
    assert found is None or all(map(isfinite, found))
