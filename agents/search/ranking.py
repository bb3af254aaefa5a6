"""The order of a stage's prompts, for the search and for all displays."""

from collections.abc import Mapping

from ...prompts.sums import summed

_DOUBT = 10.0
"""Number of examples at which a score keeps half of its distance from the mean."""


def ranking(scores: Mapping[str, tuple[float, int]], best: str | None) -> list[str]:
    """Return the ids of `scores` from the best to the worst, equals in the order of their arrival.

    `scores` maps, in the order of arrival, id -> mean composite score in [0, 1] and the number of examples
    that it rests on. `best`, the winner of the last race, comes first. The other scores are shrunk towards
    the mean of all, the more so the fewer examples they rest on.
    """
    mean = summed(score for score, _ in scores.values()) / max(1, len(scores))

    def shrunk(id_: str) -> float:
        score, examples = scores[id_]
        return mean + (score - mean) * examples / (examples + _DOUBT)

    return sorted(scores, key=lambda id_: (id_ != best, -shrunk(id_)))
