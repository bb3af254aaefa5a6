"""A landscape: its tasks, its models, and the truth about every prompt."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random

from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.prompts.task import Task

from .judge import Judge
from .kinds import KINDS
from .proposer import Proposer, Reliability
from .task_model import TaskModel
from .tasks import Office, Sizes, draw_further_targets, draw_other_rules, draw_rules, draw_tips, draw_weights
from .truth import Truth
from .words import MANNERS, OPENINGS, rule


@dataclass(frozen=True, slots=True)
class Landscape:
    """A simulated world. `tasks` has the task "target" and possibly "source_1", "source_2", ...

    `weights` gives the topic shares of each task, from which the truth is computed. The examples of a split
    are a sample of them.
    """

    name: str
    seed: int
    tasks: Mapping[str, Task]
    weights: Mapping[str, Mapping[str, float]]
    truth: Truth
    answering: TaskModel
    reliability: Reliability

    @property
    def target(self) -> Task:
        """The task whose accuracy is optimised."""
        return self.tasks["target"]

    @property
    def initial_prompts(self) -> tuple[str, ...]:
        """The prompts that every search starts from."""
        return self.target.initial_prompts

    def true_accuracy(self, prompt: str, task: str = "target") -> float:
        """Return the probability, in [0, 1], that the task model answers a new example of `task` correctly.

        A demonstration in `prompt` counts if it is an example of the landscape with its right answer.
        """
        features = self.answering.prompt_of(prompt)
        near = self.answering.demonstrated(features)
        chances = (
            share * self.truth.on_topic(features, topic, near.get(topic, 0))
            for topic, share in self.weights[task].items()
        )
        return round(sum(chances), 9)

    def true_manners(self, prompt: str) -> float:
        """Return the expected share of good manners in the replies to `prompt`, which a judge scores."""
        asked = self.answering.prompt_of(prompt).manners
        return sum(self.answering.manner_chance(name in asked) for name in MANNERS) / len(MANNERS)

    def attainable(self, task: str = "target") -> float:
        """Return the best true accuracy of a prompt of rules alone, over all subsets of the task's topics."""
        rules = [rule(topic, self.truth.rules[topic]) for topic in self.weights[task]]
        subsets = (s for count in range(len(rules) + 1) for s in combinations(rules, count))
        shortest = min(OPENINGS, key=len)
        return max(self.true_accuracy(" ".join([shortest, *subset]), task) for subset in subsets)

    def task_model(self) -> ScriptedModel:
        """Return the model for the scorer."""
        return ScriptedModel(self.answering, identity=f"simulated-task:{self.name}:{self.seed}")

    def proposer_model(self) -> ScriptedModel:
        """Return the model for the reference agent. It knows the language of the landscape, not its truth."""
        proposer = Proposer(self.seed, self.reliability)
        return ScriptedModel(proposer, identity=f"simulated-proposer:{self.seed}", scores_options=False)

    def judge_model(self, noise: float = 0.25) -> ScriptedModel:
        """Return the model for the judge, which scores the true manners plus noise."""
        return ScriptedModel(Judge(self.seed, noise), f"simulated-judge:{self.seed}", scores_options=False)

    def write(self, folder: Path) -> None:
        """Write each task to `folder`/NAME: a task.toml and one JSON Lines file for each split."""
        for task in self.tasks.values():
            write_task(task, folder / task.name)


def make_landscape(
    name: str,
    seed: int = 0,
    sizes: Sizes | None = None,
    reliability: Reliability | None = None,
    *,
    target_sizes: Sizes | None = None,
    validity: float = 1.0,
    targets: int = 1,
) -> Landscape:
    """Return the landscape `name` of `KINDS`, drawn with `seed`. Raise `KeyError` for an unknown name.

    The target may have other `target_sizes`. A rule of the source tasks holds in the target, too, with the
    probability `validity`. Of several `targets` the further ones are "target_2", "target_3" and so on.
    """
    kind, random = KINDS[name], Random(f"{name} {seed}")
    office = Office(draw_rules(random))
    weights = draw_weights(random, kind.sources)
    others = draw_other_rules(office.rules, validity, Random(f"{name} {seed} other rules"))
    tasks = {
        task: office.task(
            task,
            shares,
            (target_sizes if task == "target" else None) or sizes or Sizes(),
            random,
            defective=kind.defective,
            other_rules={} if task == "target" else others,
        )
        for task, shares in weights.items()
    }
    again = Random(f"{name} {seed} further targets")
    for task, shares in draw_further_targets(weights, targets, again).items():
        weights[task] = shares
        further = target_sizes or sizes or Sizes()
        tasks[task] = office.task(task, shares, further, again, defective=kind.defective, other_rules={})
    truth = Truth(seed, kind.shape, office.rules, draw_tips(random))
    return Landscape(
        name=name,
        seed=seed,
        tasks=tasks,
        weights=weights,
        truth=truth,
        answering=TaskModel(truth, office.cases, mannered=name == "noisy_judge"),
        reliability=reliability or Reliability(),
    )


def write_task(task: Task, folder: Path) -> None:
    """Write the files of one task in the format that the program reads."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = json.dumps(list(task.answer.labels))
    (folder / "task.toml").write_text(
        f"description = {json.dumps(task.description)}\n"
        f"initial_prompts = {json.dumps(list(task.initial_prompts))}\n"
        f'answer = {{ type = "label", labels = {labels} }}\n'
        'data = { train = "train.jsonl", dev = "dev.jsonl", test = "test.jsonl" }\n',
        encoding="utf-8",
    )
    for split, examples in (("train", task.train), ("dev", task.dev), ("test", task.test)):
        rows = [{"id": e.id, "question": e.question, "answer": e.answer} for e in examples]
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")
