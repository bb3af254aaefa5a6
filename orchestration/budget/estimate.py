"""What a run would cost, before anything is spent: from above, and as it mostly goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from ...agents.messages import Message, TaskLoaded
from ...agents.models.base import Model, ModelRequest, TokenCount
from ...agents.models.tariff import Cost, Tariff
from ...agents.models.token_bounds import prompt_bound
from ...agents.roles.scoring_request import scoring_request
from ...agents.search.population import initial_prompts, seeds
from ...prompts.candidate import Candidate
from ...prompts.task import Example, Task
from ..config.settings import Config
from .reply_statistics import Taken

_TYPICAL_SHARE = 0.45
"""Of all evaluations, so many are made where races stop candidates (see agents/search/race_rules.py)."""
_TOKENS_PER_BYTE = 0.25
_TYPICAL_REPLY = 0.6
"""Of the tokens that a reply may have, so many are written."""
_PROPOSAL_BYTES = 4000
"""Of a request for a proposal: the task, the history, the exemplars."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one stage costs for one role: `most` can hardly be exceeded, `typical` is an estimate."""

    stage: str
    role: str
    most: Cost
    typical: Cost

    def seconds(self, latency: float | None, slots: int) -> float | None:
        """How long `typical` takes at `latency` seconds a call and so many at once; None if unknown."""
        return None if latency is None else self.typical.calls * latency / slots


class Estimate:
    """The parts of a run's cost; `opening` are its opening messages, with the tasks.

    What is typical follows from what earlier replies have `taken`, by role; where there are none it is a
    guess. Prompts that a model counts exactly need neither.
    """

    def __init__(
        self,
        config: Config,
        opening: Sequence[Message],
        models: Mapping[str, Model],
        taken: Mapping[str, Taken] | None = None,
    ) -> None:
        self._config = config
        self._taken = taken or {}
        self._search = config.search_settings()
        prices = {role: getattr(config.models, role).price for role in models}
        self._tariffs = {role: Tariff(price, models[role]) for role, price in prices.items()}
        self._tasks: dict[str, list[Task]] = {"source": [], "target": []}
        for message in opening:
            if isinstance(message, TaskLoaded):
                self._tasks[message.stage].append(message.task)

    def parts(self) -> list[Part]:
        """In the order of the run."""
        stages = [name for name in ("source", "target") if self._tasks[name]]
        found = [part for stage in stages for part in self._stage(stage)]
        if self._search.control:
            # It has all the evaluations that the other two have had.
            found += [self._doubled(found, role) for role in ("scorer", "reference")]
        return [*found, self._final()]

    def _stage(self, stage: str) -> list[Part]:
        plan = self._search.source if stage == "source" else self._search.target
        tasks = self._tasks[stage]
        library = len(seeds()) if self._search.seed_prompts else 0
        promoted = self._search.promote if stage == "target" and self._tasks["source"] else 0
        population = len(initial_prompts(tasks)) + promoted + library * (2 if library else 1)
        places = [(task, example) for task in tasks for example in task.dev]
        # Each step's incumbent has answered most of its course; it may have to answer the rest.
        evaluations = (population + plan.steps * (plan.candidates + 1) + 2) * len(places)
        share = _TYPICAL_SHARE if self._search.racing else 1.0
        if plan.budget is not None:
            evaluations = min(evaluations, plan.budget + (population + 1) * len(places))
        scorer = self._scoring(stage, "scorer", places, evaluations, round(evaluations * share))
        parts = [scorer, self._proposing(stage, plan.steps * plan.candidates)]
        if self._search.judge is not None:
            parts.append(self._judging(stage, plan.steps + 2))
        return parts

    def _scoring(
        self, stage: str, role: str, places: Sequence[tuple[Task, Example]], most: int, typical: int
    ) -> Part:
        tariff = self._tariffs[role]
        requests = [self._request(task, example) for task, example in places]
        counts = [tariff.count(request) for request in requests]
        worst = max((tariff.used(c.prompt, c.completion) for c in counts), key=lambda cost: cost.tokens)
        pairs = list(zip(requests, counts, strict=True))
        prompt = fmean(self._prompt(role, *pair) for pair in pairs)
        completion = fmean(self._completion(role, *pair) for pair in pairs)
        return Part(stage, role, worst * most, tariff.used(round(prompt), round(completion)) * typical)

    def _prompt(self, role: str, request: ModelRequest, count: TokenCount) -> float:
        if count.exact:
            return count.prompt
        if role in self._taken:
            return count.prompt * self._taken[role].prompt_share
        times = count.prompt / prompt_bound(request)
        return times * _TOKENS_PER_BYTE * sum(len(message.content.encode()) for message in request.messages)

    def _completion(self, role: str, request: ModelRequest, count: TokenCount) -> float:
        if role in self._taken:
            return count.completion * self._taken[role].completion_share
        if request.options is not None and request.lead is None:
            return min(count.completion, sum(1 + len(o) * _TOKENS_PER_BYTE for o in request.options))
        return count.completion * _TYPICAL_REPLY

    def _request(self, task: Task, example: Example) -> ModelRequest:
        # A prompt that the run will write is about as long as the longest it begins with.
        longest: Candidate = max(
            [*initial_prompts([task]), *(seeds() if self._search.seed_prompts else [])],
            key=lambda candidate: len(candidate.text),
        )
        return scoring_request(self._search, longest, task, example)

    def _proposing(self, stage: str, count: int) -> Part:
        size = self._search.proposal_tokens
        # A reply without a prompt is asked for once more.
        return self._writing(stage, "reference", _PROPOSAL_BYTES, size, count)

    def _judging(self, stage: str, races: int) -> Part:
        judge = self._search.judge
        assert judge is not None
        count = races * judge.samples * len(judge.names)
        return self._writing(stage, "judge", _PROPOSAL_BYTES // 2, judge.max_tokens, count)

    def _writing(self, stage: str, role: str, size: int, most: int, count: int) -> Part:
        """So many requests of `size` bytes, each of which may be made twice."""
        tariff, taken = self._tariffs[role], self._taken.get(role)
        mean = tariff.used(round(size * _TOKENS_PER_BYTE), round(most * _TYPICAL_REPLY))
        if taken is not None:
            mean = tariff.used(round(taken.prompt / taken.replies), round(taken.completion / taken.replies))
        return Part(stage, role, tariff.used(size, most) * (2 * count), mean * count)

    def _doubled(self, parts: Sequence[Part], role: str) -> Part:
        mine = [part for part in parts if part.role == role]
        return Part(
            "control",
            role,
            sum((part.most for part in mine), Cost()),
            sum((part.typical for part in mine), Cost()),
        )

    def _final(self) -> Part:
        [task] = self._tasks["target"]
        places = [(task, example) for example in task.test]
        count = (3 if self._search.control else 2) * len(places)
        return self._scoring("verdict", "scorer", places, count, count)
