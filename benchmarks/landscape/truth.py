"""The accuracy of the simulated task model: exact probabilities, and the fixed draws that realise them.

The probability of a right answer depends on what the prompt says about the example's topic, on the length
of the prompt and on its demonstrations. Each answer is drawn by hashing, so the same question gets the same
answer, while the mean over all examples that could be drawn is exactly the probability.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .prompt import Features
from .words import chance


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of a landscape. Probabilities are those of a right answer, in [0, 1]."""

    low: float = 0.45
    """Probability without the rule of the topic."""
    high: float = 0.92
    """Probability with the rule of the topic."""
    harm: float = 0.15
    """Loss from `low` by a wrong rule. Next to the right rule, a wrong one takes away half of the gain."""
    tip: float = 0.04
    """Gain by each helpful general sentence while the rule is missing."""
    demonstration: float = 0.08
    """Gain by each of up to three demonstrations of the topic while the rule is missing."""
    length_cost: float = 0.0
    """Loss by each word above `free_words`."""
    free_words: int = 12
    touchy: float = 0.3
    """TimeShare of the examples whose answer is drawn again for every wording of the prompt."""
    hedged: float = 1.0
    """Factor of the probability under a prompt that makes the answers shy."""
    spread: float = 0.6
    """Spread of difficulty within a topic: 0 for none, 1 for as much as the probability allows."""


@dataclass(frozen=True, slots=True)
class Case:
    """One example as the simulation knows it."""

    number: str
    topic: str
    answer: str
    clue: str = ""
    """The clue of the right advice if the example's task has another one than the target; "" otherwise."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The abilities of the simulated task model.

    `rules` maps each topic to the clue of its right advice. `tips` are the general sentences that help.
    """

    seed: int
    shape: Shape
    rules: Mapping[str, str]
    tips: frozenset[str]

    def on_topic(self, prompt: Features, topic: str, demonstrations: int, clue: str = "") -> float:
        """Return the probability of a right answer, averaged over all examples of `topic`.

        `clue` is that of the right advice, by default the one in `rules`.
        """
        if prompt.defective:
            return 0.0
        shape, given = self.shape, prompt.advice.get(topic, frozenset())
        clue = clue or self.rules.get(topic, "")
        right, wrong = clue in given, bool(given - {clue})
        if right:
            found = (shape.low + shape.high) / 2 if wrong else shape.high
        else:
            found = shape.low - shape.harm * wrong + shape.tip * len(prompt.tips & self.tips)
            found += shape.demonstration * min(demonstrations, 3)
        cost = shape.length_cost * max(0, prompt.words - shape.free_words)
        return min(1.0, max(0.0, found - cost)) * (shape.hedged if prompt.hedged else 1.0)

    def on_case(self, prompt: Features, case: Case, demonstrations: int) -> float:
        """Return the probability for one example: that of its topic, adjusted by the example's difficulty.

        Its mean over all examples of the topic is that of the topic.
        """
        mean = self.on_topic(prompt, case.topic, demonstrations, case.clue)
        ease = 2 * chance(self.seed, case.number, "ease") - 1
        return mean + ease * self.shape.spread * min(mean, 1 - mean)

    def is_right(self, prompt: Features, case: Case, demonstrations: int) -> bool:
        """Return whether the model answers `case` correctly, by a fixed draw for the prompt's features."""
        touchy = chance(self.seed, case.number, "touchy") < self.shape.touchy
        given = sorted(prompt.advice.get(case.topic, ()))
        heard = prompt.wording if touchy else f"{given}/{min(demonstrations, 3)}"
        drawn = chance(self.seed, case.number, "draw", heard)
        return drawn < self.on_case(prompt, case, demonstrations)
