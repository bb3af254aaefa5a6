"""The composed prompt in the steps of a stage."""

from curator_making import Search, of, search_settings

from transfer_prompting.agents.messages import (
    CandidateRejected,
    Message,
    ProposalsRequested,
    RaceFinished,
)
from transfer_prompting.prompts.candidate import candidate_id

GOOD, POOR, BETTER = "Weigh each word.", "Guess.", "Answer. Weigh each word."


def right(text: str, example: str) -> bool:
    """Answer rightly with the good sentence, and on few examples with the poor one."""
    number = int(example.rpartition("-")[2])
    return number % 10 < 5 + 4 * (GOOD in text) - 4 * (POOR in text)


def operators(last: list[str]) -> tuple[set[str], list[CandidateRejected]]:
    """Return who made the better prompt in its race, and the rejections, if step 2 proposes `last`."""

    def propose(request: ProposalsRequested) -> list[str]:
        return (
            [f"Answer. {POOR}", f"Answer. {GOOD} {POOR}", "Answer. Be brief."] if request.step == 1 else last
        )

    settings = search_settings(racing=False, concurrent_steps=1)
    sent: list[Message] = Search(settings, right=right, propose=propose).play()
    made = {
        result.operator
        for race in of(RaceFinished, sent)
        for result in race.results
        if result.candidate == candidate_id(BETTER)
    }
    return made, of(CandidateRejected, sent)


def test_a_step_tries_what_the_answers_speak_for() -> None:
    """The good sentence of a prompt that lost joins the best prompt in the next step."""
    assert operators(["Say."])[0] == {"composed"}


def test_a_proposal_comes_before_the_same_composed_prompt() -> None:
    """If somebody proposes the prompt that would be composed, it is the proposal that races."""
    made, rejected = operators([BETTER])
    assert "composed" not in made
    assert made
    assert rejected == []
