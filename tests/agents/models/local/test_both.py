"""An answer and its options' likelihoods from one request to the embedded model."""

import asyncio
from typing import Any

import pytest

from transfer_prompting.agents.models.base import Model, ModelRequest

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]

LEAD, OPTIONS = "Answer:", ("positive", "very positive", "negative")
TEXTS = ("A warm and funny film.", "Dull.", "I left early, and so did all the others.")


def both(ask: Any, text: str) -> ModelRequest:
    request: ModelRequest = ask(f"Judge the film: {text}", max_tokens=6, options=OPTIONS, lead=LEAD)
    return request


async def test_one_pass_gives_what_two_give(embedded: Model, ask: Any) -> None:
    """The text is that of a request without options, the likelihoods those of the lead with each option."""
    asked = [both(ask, text) for text in TEXTS]
    written = [request.model_copy(update={"options": None, "lead": None}) for request in asked]
    leads = tuple(f"{LEAD} {option}" for option in OPTIONS)
    scored = [request.model_copy(update={"options": leads, "lead": None}) for request in asked]
    replies = await asyncio.gather(*(embedded.reply(r) for r in (*asked, *written, *scored)))
    for one, text, score in zip(replies[:3], replies[3:6], replies[6:], strict=True):
        assert (one.text, one.finish) == (text.text, text.finish)
        assert one.completion_tokens == text.completion_tokens
        assert one.option_logprobs == pytest.approx(score.option_logprobs, abs=1e-3)
        assert one.prompt_tokens == score.prompt_tokens
