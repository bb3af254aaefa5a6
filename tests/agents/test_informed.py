"""What the roles that work on tasks have in common."""

import pytest

from transfer_prompting.agents.curator import Curator
from transfer_prompting.agents.informed import Informed
from transfer_prompting.agents.judge import Judge
from transfer_prompting.agents.reference import Reference
from transfer_prompting.agents.scorer import Scorer


@pytest.mark.parametrize("role", [Curator, Reference, Scorer, Judge])
def test_every_role_learns_seed_and_tasks(role: type[Informed]) -> None:
    """The handlers of the common base are found in each role, which so hears how a run begins."""
    kinds = {subscription.topic_type for subscription in role.subscriptions()}
    assert {"run.started", "task.loaded"} < kinds
