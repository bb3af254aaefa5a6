"""An answer and its options' log-likelihoods from one request to the embedded model."""

import asyncio
from typing import Any

import pytest

from transfer_prompting.agents.models.base import Model, ModelRequest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]

LEAD, OPTIONS = "Answer:", ("positive", "very positive", "negative")
TEXTS = ("A warm and funny film.", "Dull.", "I left early, and so did all the others.")


def both(ask: Any, text: str) -> ModelRequest:
    """Return a request for an answer and its options."""
    request: ModelRequest = ask(f"Judge the film: {text}", max_tokens=6, options=OPTIONS, lead=LEAD)
    return request


async def test_one_request_gives_what_two_give(embedded: Model, ask: Any) -> None:
    """The text equals that of a request without options, and each score that of the lead with the option."""
    combined = [both(ask, text) for text in TEXTS]
    generated = [request.model_copy(update={"options": None, "lead": None}) for request in combined]
    leads = tuple(f"{LEAD} {option}" for option in OPTIONS)
    scored = [request.model_copy(update={"options": leads, "lead": None}) for request in combined]
    replies = await asyncio.gather(*(embedded.reply(r) for r in (*combined, *generated, *scored)))
    for one, text, score in zip(replies[:3], replies[3:6], replies[6:], strict=True):
        assert (one.text, one.finish) == (text.text, text.finish)
        assert one.completion_tokens == text.completion_tokens
        assert one.option_logprobs == pytest.approx(score.option_logprobs, abs=1e-3)
        assert one.prompt_tokens == score.prompt_tokens
