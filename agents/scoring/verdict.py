"""Verdict of a run: the best prompt against the user's best and the control, on held-out examples."""

from collections.abc import Mapping

from ...prompts.candidate import Candidate
from ..messages import Comparison, PromptScored, RunFinished
from ..messages.base import plural
from ..messages.scores import Outcome
from .comparison import compare, mcnemar, sentence


def conclude(
    finalists: Mapping[str, Candidate],
    final: Mapping[str, PromptScored],
    weights: Mapping[str, float],
    seed: int,
) -> RunFinished:
    """Return the verdict of a run.

    `finalists` holds "best", "initial" and, if there was one, "control". `final` holds their scores on the
    held-out examples by id. `improved` is true if the whole interval of the composite lies above zero.
    """
    outcomes, excluded = _common({role: final[c.id] for role, c in finalists.items()})
    if not outcomes["best"]:
        return _no_verdict(finalists, excluded)
    best, initial = outcomes["best"], outcomes["initial"]
    comparisons = compare(best, initial, weights, seed)
    p_value = mcnemar(best, initial)
    improved = comparisons[0].low > 0
    against: tuple[Comparison, ...] = ()
    if "control" in finalists:
        against = compare(best, outcomes["control"], weights, seed)
    return RunFinished(
        best=finalists["best"],
        initial=finalists["initial"],
        improved=improved,
        verdict=sentence(comparisons, p_value, against, improved=improved) + _without(excluded),
        comparisons=comparisons,
        p_value=None if finalists["best"] == finalists["initial"] else p_value,
        control=finalists.get("control"),
        against_control=against,
        excluded=excluded,
    )


def _no_verdict(finalists: Mapping[str, Candidate], excluded: int) -> RunFinished:
    return RunFinished(
        best=finalists["best"],
        initial=finalists["initial"],
        improved=False,
        verdict=f"no verdict: none of the {excluded} held-out examples could be evaluated",
        comparisons=(),
        p_value=None,
        control=finalists.get("control"),
        excluded=excluded,
    )


def _common(final: Mapping[str, PromptScored]) -> tuple[dict[str, list[Outcome]], int]:
    """Return finalist -> outcomes of the examples that all finalists answered, and the number excluded."""
    missing = {example for scored in final.values() for example in scored.excluded}
    kept = {
        role: [outcome for outcome in scored.outcomes if outcome.example not in missing]
        for role, scored in final.items()
    }
    return kept, len(missing)


def _without(excluded: int) -> str:
    return f"; {plural(excluded, 'further example')} could not be evaluated" if excluded else ""
