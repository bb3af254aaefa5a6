"""The common base of the roles that work on tasks."""

import pytest

from transfer_prompting.agents.roles.curator import Curator
from transfer_prompting.agents.roles.reference import Reference
from transfer_prompting.agents.roles.scorer import Scorer
from transfer_prompting.agents.roles.task_role import TaskRole
from transfer_prompting.agents.roles.wording_judge import WordingJudge


@pytest.mark.parametrize("role", [Curator, Reference, Scorer, WordingJudge])
def test_every_role_learns_seed_and_tasks(role: type[TaskRole]) -> None:
    """Each role has the handlers of the common base, and so gets the seed and the tasks."""
    kinds = {subscription.topic_type for subscription in role.subscriptions()}
    assert {"run.started", "task.loaded"} < kinds
