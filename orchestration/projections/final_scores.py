"""Scores of the finalists on the held-out examples that all of them have answered."""

from collections.abc import Mapping, Sequence

from ...agents.messages import PromptScored, Stage
from ...agents.messages.scores import Outcome, Score
from ...agents.scoring.objective import METRIC_WEIGHTS
from .no_result import PARSED


class FinalScores:
    """The final comparison. An example whose call fails for one finalist is excluded for all."""

    def __init__(self, weights: Mapping[str, float] = METRIC_WEIGHTS) -> None:
        self._weights = weights
        self._scored: dict[str, PromptScored] = {}
        self.excluded: set[str] = set()
        """Held-out examples that do not count."""

    def __contains__(self, candidate: str) -> bool:
        return candidate in self._scored

    @property
    def finalists(self) -> Sequence[str]:
        """Ids of the finalists in the order in which they were scored."""
        return tuple(self._scored)

    def apply(self, message: PromptScored) -> None:
        """Enter the score of a finalist."""
        self._scored[message.candidate] = message
        self.excluded.update(message.excluded)

    def stage(self, candidate: str) -> Stage:
        """Return the stage in which the finalist was scored."""
        return self._scored[candidate].stage

    def task(self, candidate: str) -> str:
        """Return the task of the final comparison."""
        return self._scored[candidate].task

    def outcomes(self, candidate: str) -> list[Outcome]:
        """Return the finalist's outcomes on the examples that count."""
        return [o for o in self._scored[candidate].outcomes if o.example not in self.excluded]

    def tokens(self, candidate: str) -> tuple[float, float]:
        """Return the mean numbers of tokens of the finalist's prompts and of its replies."""
        scored = self._scored[candidate]
        answers = max(1, len(scored.outcomes) + len(scored.excluded))
        return scored.prompt_tokens / answers, scored.completion_tokens / answers

    def examples(self, candidate: str) -> int:
        """Return the number of examples that count."""
        return len(self.outcomes(candidate)) if self.excluded else self._scored[candidate].seen

    @property
    def readable(self) -> list[int | None]:
        """Number of readable answers of each finalist; None if its score does not tell."""
        parsed = [scored.score.measures.get(PARSED) for scored in self._scored.values()]
        return [None if measure is None else measure.n for measure in parsed]

    def score(self, candidate: str) -> Score:
        """Return the finalist's score over the examples that count."""
        scored = self._scored[candidate]
        if not self.excluded:
            return scored.score
        from ...agents.scoring.evaluator import rescored

        return rescored(scored.score, self.outcomes(candidate), self._weights)
