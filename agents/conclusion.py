"""The end of a run: what the held-out examples say of the best prompt, the user's best, and the control."""

from collections.abc import Mapping

from ..prompts.candidate import Candidate
from .messages import Comparison, PromptScored, RunFinished
from .verdict import compare, mcnemar, sentence


def conclude(
    finalists: Mapping[str, Candidate],
    final: Mapping[str, PromptScored],
    weights: Mapping[str, float],
    seed: int,
) -> RunFinished:
    """The verdict; `finalists` are "best", "initial" and perhaps "control", `final` their scores by id."""
    best, initial, control = finalists["best"], finalists["initial"], finalists.get("control")
    outcomes = {role: final[candidate.id].outcomes for role, candidate in finalists.items()}
    comparisons = compare(outcomes["best"], outcomes["initial"], weights, seed)
    p_value = mcnemar(outcomes["best"], outcomes["initial"])
    improved = comparisons[0].low > 0
    against: tuple[Comparison, ...] = ()
    if control is not None:
        against = compare(outcomes["best"], outcomes["control"], weights, seed)
    return RunFinished(
        best=best,
        initial=initial,
        improved=improved,
        verdict=sentence(comparisons, p_value, against, improved=improved),
        comparisons=comparisons,
        p_value=None if best == initial else p_value,
        control=control,
        against_control=against,
    )
