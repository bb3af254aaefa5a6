"""Estimate the cost of a run before anything is spent: its maximum, and what is typical."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from ...agents.messages import ExperienceLoaded, Message, TaskLoaded
from ...agents.models.base import ModelRequest, TokenCount
from ...agents.models.tariff import Cost
from ...agents.models.token_bounds import prompt_bound
from ...agents.roles.scoring_request import scoring_request
from ...agents.search.population import initial_prompts, seeds
from ...agents.search.rule_merging import words_rules
from ...agents.stage_names import is_kind
from ...prompts.candidate import Candidate
from ...prompts.metrics.judge_options import JUDGE
from ...prompts.task import Example, Task
from ..calls.model_pool import ModelPool
from ..config.settings import Config
from .execution_costs import expected_calls
from .judge_estimate import judging_costs
from .reply_statistics import ReplyUsage

_TYPICAL_EVALUATIONS = 0.45
"""Share of all evaluations that is made if races stop candidates (see agents/search/race_rules.py)."""
_TOKENS_PER_BYTE = 0.25
_TYPICAL_IMAGE = 800
"""Tokens of an image of middling size at well-known endpoints."""
_TYPICAL_REPLY = 0.6
"""Share of its expected length that a reply typically has."""
_PROPOSAL_BYTES = 4000
"""Size of a request for a proposal, with the task, the history and the exemplars."""


@dataclass(frozen=True, slots=True)
class Part:
    """The cost of one stage for one role: `most` is hardly ever exceeded, `typical` is an estimate."""

    stage: str
    role: str
    most: Cost
    typical: Cost

    def seconds(self, latency: float | None, slots: int) -> float | None:
        """Return the seconds of `typical` if a call takes `latency` seconds; None if that is unknown."""
        return None if latency is None else self.typical.calls * latency / slots


class Estimate:
    """The cost of a run, in parts. `opening` are its opening messages, which hold the tasks.

    What is typical follows from the `usage` of earlier replies, by role; without any it is a guess. Prompts
    that a model counts exactly need neither.
    """

    def __init__(
        self,
        config: Config,
        opening: Sequence[Message],
        pool: ModelPool,
        usage: Mapping[str, ReplyUsage] | None = None,
    ) -> None:
        self._usage = usage or {}
        self._search = config.search_settings()
        self._experienced = any(isinstance(message, ExperienceLoaded) for message in opening)
        self._tariffs = pool.tariffs
        self._tasks: dict[str, list[Task]] = {}
        """Stage -> its tasks, in the order of the run."""
        for message in opening:
            if isinstance(message, TaskLoaded):
                self._tasks.setdefault(message.stage, []).append(message.task)

    def parts(self) -> list[Part]:
        """Return the parts in the order of the run."""
        found = [part for stage in self._tasks for part in self._stage(stage)]
        if self._search.control:
            # The control may make as many evaluations as both other stages together.
            roles = ("scorer", "reference", *((JUDGE,) if any(p.role == JUDGE for p in found) else ()))
            found += [self._doubled(found, role) for role in roles]
        return [*found, *(part for task in self._targets for part in self._final(task))]

    @property
    def _targets(self) -> list[Task]:
        return [task for stage, tasks in self._tasks.items() if is_kind(stage, "target") for task in tasks]

    def _stage(self, stage: str) -> list[Part]:
        plan = self._search.plan(stage)
        tasks = self._tasks[stage]
        library = len(seeds(tasks)) if self._search.seed_prompts else 0
        given = is_kind(stage, "target")
        promoted = int(given and "source" in self._tasks)
        population = len(initial_prompts(tasks)) + promoted + library * (2 if library else 1)
        places = [(task, example) for task in tasks for example in task.dev]
        # Each step's incumbent has most of its answers already; it may need the rest.
        evaluations = (population + plan.steps * (plan.candidates + 1) + 2) * len(places)
        share = _TYPICAL_EVALUATIONS if self._search.racing else 1.0
        if limit := plan.budget or self._search.evaluations:
            evaluations = min(evaluations, limit + (population + 1) * len(places))
        scorer = self._scoring(stage, "scorer", places, evaluations, round(evaluations * share))
        worded = given * (promoted + self._experienced) if words_rules(self._search) else 0
        parts = [scorer, self._proposing(stage, plan.steps * plan.candidates + worded)]
        judged = self._responses(stage, places, evaluations, round(evaluations * share))
        if self._search.wording is not None:
            judged.append(self._judging(stage, plan.steps + 2))
        return [*parts, *([total(judged)] if judged else [])]

    def _scoring(
        self, stage: str, role: str, places: Sequence[tuple[Task, Example]], most: int, typical: int
    ) -> Part:
        tariff = self._tariffs[role]
        requests = [self._request(task, example) for task, example in places]
        counts = [tariff.count(request) for request in requests]
        worst = max((tariff.used(c.prompt, c.completion) for c in counts), key=lambda cost: cost.tokens)
        pairs = list(zip(requests, counts, strict=True))
        prompt = fmean(self._prompt(role, *pair) for pair in pairs)
        completion = fmean(
            self._completion(role, *pair, task) for pair, (task, _) in zip(pairs, places, strict=True)
        )
        calls = max(expected_calls(task.program) for task, _ in places)
        usual = tariff.used(round(prompt), round(completion))
        return Part(stage, role, worst * (most * calls), usual * (typical * calls))

    def _prompt(self, role: str, request: ModelRequest, count: TokenCount) -> float:
        if count.exact:
            return count.prompt
        if role in self._usage:
            return count.prompt * self._usage[role].prompt_ratio
        times = count.prompt / prompt_bound(request)
        text = sum(len(message.text.encode()) for message in request.messages)
        return times * (_TOKENS_PER_BYTE * text + _TYPICAL_IMAGE * len(request.images))

    def _completion(self, role: str, request: ModelRequest, count: TokenCount, task: Task) -> float:
        if role in self._usage:
            return min(count.completion, self._usage[role].completion_mean)
        if request.options is not None and request.lead is None:
            return min(count.completion, sum(1 + len(o) * _TOKENS_PER_BYTE for o in request.options))
        return min(count.completion, self._search.expected_tokens(task)) * _TYPICAL_REPLY

    def _request(self, task: Task, example: Example) -> ModelRequest:
        # The prompts that a run writes are about as long as the longest of its initial prompts.
        longest: Candidate = max(
            [*initial_prompts([task]), *(seeds([task]) if self._search.seed_prompts else [])],
            key=lambda candidate: len(candidate.text),
        )
        return scoring_request(self._search, longest, task, example)

    def _proposing(self, stage: str, count: int) -> Part:
        most, expected = self._search.most_proposal_tokens, self._search.expected_proposal_tokens
        # If a reply holds no prompt, the request is repeated once.
        return self._writing(stage, "reference", _PROPOSAL_BYTES, (most, expected), count)

    def _judging(self, stage: str, races: int) -> Part:
        wording = self._search.wording
        assert wording is not None
        count = races * wording.samples * len(wording.names)
        return self._writing(stage, JUDGE, _PROPOSAL_BYTES // 2, (wording.max_tokens,) * 2, count)

    def _writing(self, stage: str, role: str, size: int, reply: tuple[int, int], count: int) -> Part:
        """Return the cost of `count` requests of `size` bytes, each of which may be repeated once.

        `reply` holds the most and the expected tokens of a reply.
        """
        tariff, usage = self._tariffs[role], self._usage.get(role)
        most, expected = reply
        mean = tariff.used(round(size * _TOKENS_PER_BYTE), round(expected * _TYPICAL_REPLY))
        if usage is not None:
            mean = tariff.used(round(usage.prompt / usage.replies), round(usage.completion / usage.replies))
        return Part(stage, role, tariff.used(size, most) * (2 * count), mean * count)

    def _doubled(self, parts: Sequence[Part], role: str) -> Part:
        of_role = [part for part in parts if part.role == role]
        return Part(
            "control",
            role,
            sum((part.most for part in of_role), Cost()),
            sum((part.typical for part in of_role), Cost()),
        )

    def _final(self, task: Task) -> list[Part]:
        """Return the cost of the final comparison of a target."""
        stage = f"verdict:{task.name}" if len(self._targets) > 1 else "verdict"
        places = [(task, example) for example in task.test]
        count = (3 if self._search.control else 2) * len(places)
        scorer = self._scoring(stage, "scorer", places, count, count)
        return [scorer, *self._responses(stage, places, count, count)]

    def _responses(
        self, stage: str, places: Sequence[tuple[Task, Example]], most: int, typical: int
    ) -> list[Part]:
        """Return the cost of judging so many responses; nothing if no judge is asked."""
        if JUDGE not in self._tariffs:
            return []
        costs = judging_costs(places, self._tariffs[JUDGE], self._usage.get(JUDGE))
        return [Part(stage, JUDGE, costs[0] * most, costs[1] * typical)] if costs else []


def total(parts: Sequence[Part]) -> Part:
    """Return the parts of one role in one stage as one."""
    most, typical = (sum(costs, Cost()) for costs in zip(*((p.most, p.typical) for p in parts), strict=True))
    return Part(parts[0].stage, parts[0].role, most, typical)
