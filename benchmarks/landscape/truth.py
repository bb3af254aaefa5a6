"""How often the simulated task model is right: exact chances, and the fixed draws that realise them.

The model is right on an example of some topic with a chance that depends on what the prompt says about that
topic alone, on its length and on its demonstrations. Whether it *is* right follows from hashes, so asking
twice gives one answer, while the mean over all examples that could be drawn is exactly the chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .prompt import Features
from .words import chance


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of a landscape; chances are shares of right answers in [0, 1]."""

    low: float = 0.45
    """Without the rule of the topic."""
    high: float = 0.92
    """With it."""
    harm: float = 0.15
    """What a wrong rule takes off `low`; beside the right one it takes away half of the gain."""
    tip: float = 0.04
    """What each general sentence that helps adds while the rule is missing."""
    demonstration: float = 0.08
    """What each of up to three demonstrations of the topic adds while the rule is missing."""
    length_cost: float = 0.0
    """What each word above `free_words` takes off."""
    free_words: int = 12
    touchy: float = 0.3
    """TimeShare of the examples whose answer is drawn anew for every wording of the prompt."""
    spread: float = 0.6
    """How far the examples of a topic differ in difficulty: 0 not at all, 1 as far as the chance allows."""


@dataclass(frozen=True, slots=True)
class Case:
    """One example as the simulation knows it."""

    number: str
    topic: str
    answer: str


@dataclass(frozen=True, slots=True)
class Truth:
    """The simulated task model's abilities.

    `rules` gives each topic the clue of its right advice, `tips` the general sentences that help.
    """

    seed: int
    shape: Shape
    rules: Mapping[str, str]
    tips: frozenset[str]

    def on_topic(self, prompt: Features, topic: str, demonstrations: int) -> float:
        """The chance to be right on an example of `topic`, over all examples of the topic."""
        if prompt.defective:
            return 0.0
        shape, given = self.shape, prompt.advice.get(topic, frozenset())
        right = self.rules.get(topic) in given
        wrong = bool(given - {self.rules.get(topic, "")})
        if right:
            found = (shape.low + shape.high) / 2 if wrong else shape.high
        else:
            found = shape.low - shape.harm * wrong + shape.tip * len(prompt.tips & self.tips)
            found += shape.demonstration * min(demonstrations, 3)
        cost = shape.length_cost * max(0, prompt.words - shape.free_words)
        return min(1.0, max(0.0, found - cost))

    def on_case(self, prompt: Features, case: Case, demonstrations: int) -> float:
        """The chance on one example: that of its topic, moved by the example's difficulty."""
        mean = self.on_topic(prompt, case.topic, demonstrations)
        ease = 2 * chance(self.seed, case.number, "ease") - 1
        return mean + ease * self.shape.spread * min(mean, 1 - mean)

    def is_right(self, prompt: Features, case: Case, demonstrations: int) -> bool:
        """Whether the model answers `case` rightly: a fixed draw for the prompt's features."""
        touchy = chance(self.seed, case.number, "touchy") < self.shape.touchy
        given = sorted(prompt.advice.get(case.topic, ()))
        heard = prompt.wording if touchy else f"{given}/{min(demonstrations, 3)}"
        drawn = chance(self.seed, case.number, "draw", heard)
        return drawn < self.on_case(prompt, case, demonstrations)
