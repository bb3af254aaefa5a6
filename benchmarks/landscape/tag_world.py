"""Landscapes of tagged messages: graded by F1, and optionally by the length of the reply as well."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import comb
from random import Random

from transfer_prompting.agents.models.base import Model
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

from .proposer import Proposer
from .tag_model import SPOKEN, SURPLUS, TagModel
from .tags import Message, draw_message, expected_f1, message_text, topic_sets
from .tasks import Sizes, draw_rules, draw_tips, draw_weights
from .truth import Shape, Truth
from .words import OPENINGS
from .world import rules_prompt

DESCRIPTION = (
    "Messages reach a harbour office, which has a desk for each subject. Name all desks that one concerns."
)
BREVITY = "brevity"
BREVITY_LIMIT = 0.8
"""Limit of the constraint on the second objective: brevity must not be less."""
_LINES = 4
"""Number of lines up to which a reply is short."""
_FALLOFF = 1.0


@dataclass(frozen=True)
class TagWorld:
    """A simulated task of tagging. If it is `limited`, the length of the replies matters, too."""

    seed: int
    task: Task
    weights: Mapping[str, float]
    truth: Truth
    model: TagModel
    limited: bool
    messages: Mapping[str, Message] = field(repr=False)

    def models(self) -> dict[str, Model]:
        """Return the models of the scorer and the reference agent."""
        return {
            "scorer": ScriptedModel(self.model, f"simulated-tagger:{self.seed}", scores_options=False),
            "reference": ScriptedModel(
                Proposer(self.seed), f"simulated-proposer:{self.seed}", scores_options=False
            ),
        }

    def true_value(self, prompt: str) -> float:
        """Return the expected F1 on a new message, computed over all sets of topics."""
        features = self.model.features(prompt)
        near = self.model.demonstrated(features)
        chances = {topic: self.truth.on_topic(features, topic, near[topic]) for topic in self.weights}
        return sum(
            share * expected_f1([chances[topic] for topic in topics], SURPLUS)
            for topics, share in self._sets.items()
        )

    def true_measures(self, prompt: str) -> dict[str, float]:
        """Return the expected brevity: a reply has one line, and one more for each rule it speaks of."""
        if not self.limited:
            return {}
        rules = len(self.model.features(prompt).advice)
        shares = (comb(rules, k) * SPOKEN**k * (1 - SPOKEN) ** (rules - k) for k in range(rules + 1))
        return {BREVITY: sum(share * _brevity(1 + spoken) for spoken, share in enumerate(shares))}

    def best_prompt(self) -> str:
        """Return the prompt with as many right rules as the constraint allows, the heaviest first."""
        prompts = [rules_prompt(self.weights, self.truth.rules, n) for n in range(len(self.weights) + 1)]
        sound = [p for p in prompts if not self.limited or self.true_measures(p)[BREVITY] >= BREVITY_LIMIT]
        return max(sound, key=self.true_value)

    @cached_property
    def _sets(self) -> dict[tuple[str, ...], float]:
        return topic_sets(self.weights)


def make_tag_world(seed: int, sizes: Sizes, shape: Shape, *, limited: bool) -> TagWorld:
    """Return a landscape of tagged messages, drawn with `seed`."""
    random = Random(f"tags {seed}")
    weights, rules = draw_weights(random, 0)["target"], draw_rules(random)
    messages: dict[str, Message] = {}
    splits = {
        split: tuple(_example(messages, weights, rules, random) for _ in range(count))
        for split, count in (("train", sizes.train), ("dev", sizes.dev), ("test", sizes.test))
    }
    tags = tuple(sorted(weights))
    task = Task(
        name="tags",
        description=DESCRIPTION,
        answer=AnswerFormat(type="list", labels=tags),
        initial_prompts=tuple(random.sample(OPENINGS, 3)),
        frame="reason, then answer" if limited else "answer+confidence",
        metrics=(MetricSettings(use="set_f1", name="set_f1"), *([_brevity_metric()] if limited else [])),
        train=splits["train"],
        dev=splits["dev"],
        test=splits["test"],
    )
    truth = Truth(seed, shape, rules, draw_tips(random))
    model = TagModel(truth, messages, tags, explains=limited)
    return TagWorld(seed, task, weights, truth, model, limited, messages)


def _example(
    messages: dict[str, Message], weights: Mapping[str, float], rules: Mapping[str, str], random: Random
) -> Example:
    number = str(random.randint(10_000, 99_999))
    while number in messages:
        number = str(random.randint(10_000, 99_999))
    message = messages[number] = draw_message(number, weights, random)
    gold = json.dumps(sorted(message.topics), separators=(",", ":"))
    return Example(id=f"case-{number}", question=message_text(message, rules, random), answer=gold)


def _brevity_metric() -> MetricSettings:
    options = {"unit": "lines", "max": _LINES, "falloff": _FALLOFF, "of": "reply"}
    return MetricSettings(use="length", name=BREVITY, options=options)


def _brevity(lines: int) -> float:
    """Return the value of the metric for a reply with so many lines."""
    return max(0.0, 1 - max(0, lines - _LINES) / (_FALLOFF * _LINES))
