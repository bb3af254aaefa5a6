"""The history that a model sees when it writes new prompts: each prompt compared with the best one."""

from collections.abc import Collection, Mapping, Sequence
from random import Random

from ...prompts.candidate import candidate_id
from ...prompts.sums import summed
from ...prompts.task import Task
from ..messages import HistoryEntry, Standing
from ..messages.scores import Outcome
from .answer_tallies import answer_tallies
from .score_history import ExampleKey, ScoreHistory
from .shown_examples import failures, successes

_WITH_EXAMPLES = 3
"""Number of the best prompts that come with examples of their answers, besides the user's own best one."""

_LEAST_SHARED = 8
"""Number of shared examples from which a gain is told: on fewer it is chance."""


def shown_history(
    ranked: Sequence[Standing],
    scores: ScoreHistory,
    tasks: Sequence[Task],
    stopped: Collection[str],
    count: int,
    random: Random,
) -> tuple[HistoryEntry, ...]:
    """Return the best `count` of the `ranked` prompts in ascending order; the last one leads.

    The best of the user's own prompts is always among them. Prompts without answers are left out. `random`
    chooses the examples.
    """
    scored = [standing for standing in ranked if standing.examples]
    own = {candidate_id(text) for task in tasks for text in task.initial_prompts}
    first_own = next((s for s in scored if s.candidate.id in own), None)
    best = scored[:count]
    if first_own is not None and first_own not in best:
        best = [*best[: max(1, count - 1)], first_own]
    golds = {(task.name, example.id): example.answer for task in tasks for example in task.dev}
    leader = scores.outcomes(best[0].candidate.id) if best else {}
    entries = []
    for rank, standing in enumerate(best):
        id_ = standing.candidate.id
        outcomes = scores.outcomes(id_)
        gain, shared = (None, 0) if rank == 0 else _gain(outcomes, leader)
        detailed = rank < _WITH_EXAMPLES or standing is first_own
        entries.append(
            HistoryEntry(
                candidate=id_,
                text=standing.candidate.text,
                score=round(100 * standing.score),
                examples=standing.examples,
                failures=failures(outcomes, golds, random) if detailed else (),
                successes=successes(outcomes, golds, random) if detailed else (),
                tallies=answer_tallies(tasks, outcomes, golds) if detailed else (),
                operator=standing.candidate.operator,
                gain=gain,
                shared=shared,
                leader=rank == 0,
                stopped=id_ in stopped,
                initial=id_ in own,
            )
        )
    return tuple(reversed(entries))


def _gain(
    outcomes: Mapping[ExampleKey, Outcome], leader: Mapping[ExampleKey, Outcome]
) -> tuple[int | None, int]:
    """Return the gain in points of the main metric on shared examples, and the number of these.

    There is no gain on too few examples.
    """
    shared = sorted(outcomes.keys() & leader.keys())
    if len(shared) < _LEAST_SHARED:
        return None, 0
    gain = summed(outcomes[key].value - leader[key].value for key in shared) / len(shared)
    return round(100 * gain), len(shared)
