"""The costs of a stage."""

from typing import Any

from stage_making import RULE

from transfer_prompting.agents.messages import PromptJudged, ProposalsMade, Spent
from transfer_prompting.agents.search.race import ROUND, Race
from transfer_prompting.agents.search.stage_costs import StageCosts


def test_tokens_of_all_kinds() -> None:
    """Tokens of proposals and of judgements are counted apart, prompts and replies together."""
    costs = StageCosts()
    counts: dict[str, Any] = {"prompt_tokens": 20, "completion_tokens": 3}
    costs.add_proposals(ProposalsMade(stage="source", step=1, candidates=(), **counts))
    costs.add_judgement(
        PromptJudged(stage="source", step=1, candidate="a", measures={}, noise={}, unreadable=0, **counts)
    )
    assert costs.spent(answers=70) == Spent(answers=70, proposals=23, judgements=23)


def test_an_example_counts_once() -> None:
    """An example that a candidate was asked before is left out, and is no further evaluation."""
    costs = StageCosts()
    assert costs.take_unasked("a", [("near", "dev-1")]) == [("near", "dev-1")]
    assert costs.take_unasked("a", [("near", "dev-1"), ("far", "dev-1")]) == [("far", "dev-1")]
    assert costs.spent(0) == Spent(evaluations=2)


def test_usual_race() -> None:
    """A race is expected to ask as many examples as usual races did on average; at first two rounds."""
    costs = StageCosts()
    assert costs.usual_race == 2 * ROUND
    for cost, usual in ((10, True), (31, True), (500, False)):
        race = Race([("near", f"dev-{n}") for n in range(20)], ["a"], "best", RULE)
        race.cost = cost
        costs.add_race(race, usual=usual)
    assert costs.usual_race == 20
    assert costs.saved == 60
