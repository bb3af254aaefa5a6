"""The operators of the drafts of one step."""

from random import Random

import pytest
from operator_making import material

from transfer_prompting.agents.messages import RaceFinished
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.agents.search.bandit import Bandit
from transfer_prompting.agents.search.proposal_drafts import draft_step
from transfer_prompting.prompts.candidate import Candidate

LOST = RaceFinished(stage="target", step=1, against="q", winner=None, results=(), saved=0)


def used(bandit: Bandit[OperatorName]) -> set[str]:
    """The operators of a step's proposals; written by a model or not."""
    made = draft_step(material(), 9, bandit, set(), Random(1))
    return {draft.operator if isinstance(draft, Candidate) else draft.operator.name for draft in made}


@pytest.mark.parametrize(("lost", "shown"), [(0, False), (1, False), (2, True)])
def test_costly_operators_wait(lost: int, shown: bool) -> None:
    """Costly operators are used once two races in a row had no winner."""
    bandit = Bandit[OperatorName](("demonstrations", "extend"))
    for _ in range(lost):
        bandit.apply(LOST)
    assert used(bandit) == ({"extend", "demonstrations"} if shown else {"extend"})


def test_costly_operators_alone() -> None:
    """If there is no other operator, costly ones are used from the start."""
    names: tuple[OperatorName, ...] = ("demonstrations",)
    assert used(Bandit(names)) == {"demonstrations"}
