"""The request for an answer: one function, which the scorer itself uses."""

from math import log

import pytest
from scorer_making import PLAIN, known_task, reply, scorer

from transfer_prompting.agents.models.base import ModelReply, ModelRequest
from transfer_prompting.agents.roles.scoring_request import scoring_request
from transfer_prompting.agents.search.settings import SearchSettings

TWO, THREE, OPEN = ("y", "x"), ("y", "x", "z"), ()


def likely(request: ModelRequest) -> ModelReply:
    """The right answer, and a likelihood for every option."""
    options = request.options
    return reply("Answer: x\nConfidence: 90", (log(0.5),) * len(options) if options else None)


CASES = [
    ("stated", 1, TWO, 7, None, None),
    ("stated", 4, TWO, 28, None, None),
    ("stated", 4, OPEN, 28, None, None),
    ("likelihood", 1, TWO, 7, TWO, None),
    ("likelihood", 4, TWO, 7, TWO, None),
    ("both", 1, TWO, 7, TWO, "Answer:"),
    ("both", 2, THREE, 14, THREE, "Guess 1:"),
    ("both", 4, TWO, 28, TWO, "Guess 1:"),
    ("both", 1, OPEN, 7, None, None),
    ("both", 4, OPEN, 28, None, None),
]


@pytest.mark.parametrize(("answer", "guesses", "labels", "max_tokens", "options", "lead"), CASES)
def test_the_scorer_asks_what_was_foreseen(
    answer: str,
    guesses: int,
    labels: tuple[str, ...],
    max_tokens: int,
    options: tuple[str, ...] | None,
    lead: str | None,
) -> None:
    """The request that the scorer sends is the one computed before, in every mode and for any guesses."""
    search = {"answer": answer, "guesses": guesses, "max_tokens": 7}
    made, task = scorer(likely, labels=labels, **search), known_task(labels)
    made.score(0, 3)
    [asked] = made.asked
    sent = [request for _, request in asked]
    settings = SearchSettings.model_validate(search)
    assert sent == [scoring_request(settings, PLAIN, task, task.dev[n]) for n in (0, 3)]
    for request in sent:
        assert (request.max_tokens, request.options, request.lead) == (max_tokens, options, lead)


@pytest.mark.parametrize(("guesses", "labels"), [(1, TWO), (2, TWO), (4, TWO), (4, THREE)])
def test_the_lead_stands_in_the_form_that_is_asked_for(guesses: int, labels: tuple[str, ...]) -> None:
    """The lead is the first label of the form that the request shows, and of no other form."""
    settings = SearchSettings(answer="both", guesses=guesses)
    task = known_task(labels)
    request = scoring_request(settings, PLAIN, task, task.dev[0])
    leads = {lead for lead in ("Answer:", "Guess 1:") if lead in request.messages[-1].text}
    assert leads == {request.lead}
