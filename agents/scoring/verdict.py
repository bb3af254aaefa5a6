"""Verdict of a run: the best prompt against the user's best and the control, on held-out examples."""

from collections.abc import Mapping, Sequence

from ...prompts.candidate import Candidate
from ..messages import Comparison, PromptScored, RunFinished
from ..messages.base import plural
from ..messages.scores import Outcome
from .comparison import compare
from .finding import find
from .guard import worse

_STAYS = "; that is credibly worse, so the initial prompt stays the best"


def conclude(
    finalists: Mapping[str, Candidate],
    final: Mapping[str, PromptScored],
    weights: Mapping[str, float],
    seed: int,
    title: str = "accuracy",
) -> RunFinished:
    """Return the verdict of a run.

    `finalists` holds "best", "initial" and, if there was one, "control". `final` holds their scores on the
    held-out examples by id. `weights` are those of the objective, and `title` is the main metric in the
    user's words. The verdict is the last takeover: if the best prompt is credibly worse in the main metric
    than the initial one, the initial one is the best, and the sentence says what was found.
    """
    outcomes, excluded = _common({role: final[c.id] for role, c in finalists.items()})
    if not outcomes["best"]:
        return _no_verdict(finalists, excluded)

    def verdict(best: str) -> RunFinished:
        named = {**finalists, "best": finalists[best]}
        values = {**outcomes, "best": outcomes[best]}
        return _verdict(named, values, excluded, weights, seed, title)

    found = verdict("best")
    if worse(outcomes["best"], outcomes["initial"]) is None:
        return found
    return verdict("initial").model_copy(update={"verdict": found.verdict + _STAYS})


def _verdict(
    finalists: Mapping[str, Candidate],
    outcomes: Mapping[str, Sequence[Outcome]],
    excluded: int,
    weights: Mapping[str, float],
    seed: int,
    title: str,
) -> RunFinished:
    best, initial = outcomes["best"], outcomes["initial"]
    same = finalists["best"] == finalists["initial"]
    found = find(best, initial, weights, seed, title, same=same)
    against: tuple[Comparison, ...] = ()
    if "control" in finalists:
        against = compare(best, outcomes["control"], weights, seed, title)
    return RunFinished(
        best=finalists["best"],
        initial=finalists["initial"],
        improved=found.improved,
        verdict=found.sentence(against) + without(excluded),
        comparisons=found.comparisons,
        p_value=None if same else found.p_value,
        test=None if same else found.test,
        smallest_gain=found.smallest_gain,
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


def without(excluded: int) -> str:
    """Return the words about examples that could not be evaluated; "" if there are none."""
    return f"; {plural(excluded, 'further example')} could not be evaluated" if excluded else ""
