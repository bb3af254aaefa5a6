"""An audit of a simulated task by a model that knows the right answers."""

import asyncio

from graded_run import Doubts, Plan
from landscape import make_permuted_world

from transfer_prompting.orchestration.audit import audit
from transfer_prompting.orchestration.calls.model_pool import PooledModel


def audited(plan: Plan) -> Doubts:
    """Return what `tp audit` finds in the data of a run: all its training and development examples."""
    world = make_permuted_world(plan.seed, plan.sizes, plan.permuted)
    examples = [*world.task.train, *world.task.dev]
    found = asyncio.run(audit(world.task, examples, PooledModel(world.expert_model(), slots=16)))
    return Doubts.of(world, {doubt.id for doubt in found.doubts})
