"""A landscape in which the right answers of some examples were permuted.

The model is sure of every answer, so on such data most of its confidence is wrong. A prompt that makes it shy
costs right answers and improves the calibration: a trap for scores that pay for calibration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

from transfer_prompting.agents.models.base import Model
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

from .expert import Expert
from .landscape import Landscape, make_landscape
from .proposer import Proposer, Reliability
from .task_model import TaskModel
from .tasks import Sizes
from .truth import Case, Shape
from .words import ARCHIVE, DESKS, HEDGE
from .world import rules_prompt

SHY = 0.2
"""Usual factor of the probability of a right answer under a prompt that makes the answers shy."""
_KNOWS, _MISTAKEN = 0.9, 0.02
"""Shares of the examples to which the expert knows the answer, and on which it is sure of a wrong one."""


@dataclass(frozen=True)
class PermutedWorld:
    """A simulated task whose data are partly wrong. The truth is that of the data as they are."""

    seed: int
    task: Task
    share: float
    """Share of the examples, in [0, 1], whose right answers were permuted."""
    base: Landscape
    cases: Mapping[str, Case] = field(repr=False)

    @property
    def wrong(self) -> frozenset[str]:
        """The ids of the examples that have a wrong answer now."""
        examples = (*self.task.train, *self.task.dev, *self.task.test)
        return frozenset(e.id for e in examples if e.answer != self.cases[e.id.removeprefix("case-")].answer)

    def models(self) -> dict[str, Model]:
        """Return the models of the scorer and of the reference agent, which knows the right answers."""
        return {
            "scorer": ScriptedModel(self.base.answering, f"simulated-bold-task:{self.seed}"),
            "reference": self.expert_model(),
        }

    def expert_model(self) -> Model:
        """Return the model that knows the right answers."""
        return ScriptedModel(self.expert, f"simulated-expert:{self.seed}", scores_options=False)

    @cached_property
    def expert(self) -> Expert:
        """What proposes prompts and doubts right answers."""
        proposer = Proposer(self.seed, Reliability(hedging=0.3))
        return Expert(self.seed, proposer, self.cases, knows=_KNOWS, mistaken=_MISTAKEN)

    def true_value(self, prompt: str) -> float:
        """Return the expected accuracy on the data: where answers were permuted, any desk may be right.

        The archive never is, and shy answers name a desk only if they would be right.
        """
        features, accuracy = self.base.answering.prompt_of(prompt), self.base.true_accuracy(prompt)
        named = accuracy if features.hedged else float(not features.defective)
        return (1 - self.share) * accuracy + self.share * named / len(DESKS)

    def true_measures(self, prompt: str) -> dict[str, float]:
        """Return nothing: there is one metric."""
        return {}

    @property
    def loss(self) -> float:
        """What the trap costs: the true value that the sentence takes from the first prompt."""
        prompt = self.task.initial_prompts[0]
        return self.true_value(prompt) - self.true_value(f"{prompt} {HEDGE}")

    def best_prompt(self) -> str:
        """Return the prompt with all right rules."""
        weights = self.base.weights["target"]
        return rules_prompt(weights, self.base.truth.rules, len(weights))


def make_permuted_world(seed: int, sizes: Sizes, share: float = 1.0, shy: float = SHY) -> PermutedWorld:
    """Return a landscape drawn with `seed`, with the answers of a `share` of the examples permuted.

    `shy` is the factor by which shy answers are less often the right ones.
    """
    base = make_landscape("hidden_rules", seed, sizes)
    truth = replace(base.truth, shape=Shape(hedged=shy))
    cases = base.answering.cases
    base = replace(base, truth=truth, answering=TaskModel(truth, cases, bold=True))
    answer = AnswerFormat(type="label", labels=(*DESKS, ARCHIVE))
    task = base.target.model_copy(update={"answer": answer})
    return PermutedWorld(seed, _permuted(task, share, Random(f"permuted {seed}")), share, base, cases)


def _permuted(task: Task, share: float, random: Random) -> Task:
    """Return the task with the answers of some examples permuted, over all splits."""
    examples = [*task.train, *task.dev, *task.test]
    places = sorted(random.sample(range(len(examples)), round(share * len(examples))))
    answers = [examples[place].answer for place in places]
    random.shuffle(answers)
    for place, answer in zip(places, answers, strict=True):
        old = examples[place]
        examples[place] = Example(id=old.id, question=old.question, answer=answer)
    train, dev = len(task.train), len(task.train) + len(task.dev)
    found = {"train": examples[:train], "dev": examples[train:dev], "test": examples[dev:]}
    return task.model_copy(update={split: tuple(rows) for split, rows in found.items()})
