"""The order of a stage's prompts, for the curator that goes by it and for people who watch."""

from collections.abc import Mapping

_DOUBT = 10.0
"""Examples at which a score counts for half of its distance from the mean."""


def ranking(scores: Mapping[str, tuple[float, int]], best: str | None) -> list[str]:
    """The ids of `scores`, from the better to the worse; of equals, the earlier one first.

    `scores` holds, in the order of arrival, id -> mean composite score in [0, 1] and the number of examples
    that it rests on. `best`, who won the last race, comes first. The others have answered more or fewer
    examples, so their scores are drawn towards the mean of all: less proof, less distance.
    """
    mean = sum(score for score, _ in scores.values()) / max(1, len(scores))

    def proven(id_: str) -> float:
        score, examples = scores[id_]
        return mean + (score - mean) * examples / (examples + _DOUBT)

    return sorted(scores, key=lambda id_: (id_ != best, -proven(id_)))
