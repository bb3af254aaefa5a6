"""Synthetic examples, and the tasks made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType

from transfer_prompting.prompts.task import AnswerFormat, Example, Task

from .kinds import SHARED, WEIGHTS
from .truth import Case
from .words import ADVICE, ASIDES, DEFECT, DESKS, OPENINGS, SENDERS, SHIPS, TIPS, TOPICS

DESCRIPTION = "Messages reach a harbour office, and each is handled by one of its desks. Name that desk."
_HONEST = 0.8
"""Probability that an example underlines the clue of its topic's rule rather than a random one."""
_INITIAL = 3
_HELPFUL = 3
"""Number of general sentences that help."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Number of examples in each split of a task."""

    train: int = 100
    dev: int = 100
    test: int = 400


@dataclass(slots=True)
class Office:
    """The examples of all tasks, by the number that their texts show."""

    rules: Mapping[str, str]
    cases: dict[str, Case] = field(default_factory=dict)

    def answers(self) -> dict[str, str]:
        """Return the right answer of every example."""
        return {number: case.answer for number, case in self.cases.items()}

    def task(
        self,
        name: str,
        weights: Mapping[str, float],
        sizes: Sizes,
        random: Random,
        *,
        defective: bool,
        other_rules: Mapping[str, str] = MappingProxyType({}),
    ) -> Task:
        """Return a task whose topics have the shares `weights`, and remember its examples.

        `other_rules` are the clues of topics for which this task has another rule than the rest.
        """
        openings = random.sample(OPENINGS, _INITIAL)
        return Task(
            name=name,
            description=DESCRIPTION,
            answer=AnswerFormat(type="label", labels=DESKS),
            initial_prompts=tuple(f"{text} {DEFECT}" if defective else text for text in openings),
            train=self._examples(sizes.train, weights, random, other_rules),
            dev=self._examples(sizes.dev, weights, random, other_rules),
            test=self._examples(sizes.test, weights, random, other_rules),
        )

    def _examples(
        self, count: int, weights: Mapping[str, float], random: Random, other_rules: Mapping[str, str]
    ) -> tuple[Example, ...]:
        topics = random.choices(list(weights), list(weights.values()), k=count)
        return tuple(self._example(topic, random, other_rules.get(topic, "")) for topic in topics)

    def _example(self, topic: str, random: Random, other: str) -> Example:
        number = str(random.randint(10_000, 99_999))
        while number in self.cases:
            number = str(random.randint(10_000, 99_999))
        case = self.cases[number] = Case(number, topic, random.choice(DESKS), other)
        clue = (other or self.rules[topic]) if random.random() < _HONEST else random.choice(list(ADVICE))
        article = "an" if topic[0] in "aeiou" else "a"
        text = (
            f"Case {number}: {random.choice(SENDERS)} of the {random.choice(SHIPS)} writes about {article} "
            f"{topic}. The {clue} is underlined. {random.choice(ASIDES)}"
        )
        return Example(id=f"case-{number}", question=text, answer=case.answer)


def draw_rules(random: Random) -> dict[str, str]:
    """Draw the clue of each topic's right advice."""
    return {topic: random.choice(list(ADVICE)) for topic in TOPICS}


def draw_other_rules(rules: Mapping[str, str], validity: float, random: Random) -> dict[str, str]:
    """Draw wrong clues for topics: each has one with the probability 1 - `validity`."""
    return {
        topic: random.choice([other for other in ADVICE if other != clue])
        for topic, clue in rules.items()
        if random.random() >= validity
    }


def draw_tips(random: Random) -> frozenset[str]:
    """Draw the general sentences that help."""
    return frozenset(random.sample(TIPS, _HELPFUL))


def draw_weights(random: Random, sources: int) -> dict[str, dict[str, float]]:
    """Draw the topic shares of each task, by its name. The task "target" comes first."""
    topics = random.sample(TOPICS, len(TOPICS))
    target, others = topics[: len(WEIGHTS)], topics[len(WEIGHTS) :]
    drawn = {"target": _shares(target)}
    for number in range(sources):
        drawn[f"source_{number + 1}"] = _related(target, others, number, random)
    return drawn


def draw_further_targets(
    weights: Mapping[str, Mapping[str, float]], targets: int, random: Random
) -> dict[str, dict[str, float]]:
    """Draw the topic shares of the targets after the first, each as much like it as a source task is."""
    target = list(weights["target"])
    others = [topic for topic in random.sample(TOPICS, len(TOPICS)) if topic not in target]
    return {f"target_{number + 2}": _related(target, others, number, random) for number in range(targets - 1)}


def _related(target: Sequence[str], others: Sequence[str], number: int, random: Random) -> dict[str, float]:
    """Return the topic shares of a task that has some topics of the target and some others."""
    own = len(WEIGHTS) - SHARED
    first = number * own
    shared = random.sample(target[: SHARED + 1], SHARED)
    # Many tasks share some of the other topics, too.
    further = [others[at % len(others)] for at in range(first, first + own)]
    return _shares([*shared, *further])


def _shares(topics: Sequence[str]) -> dict[str, float]:
    return dict(zip(topics, WEIGHTS, strict=True))
