"""Messages with several topics, and the expected F1 of the tags that a model gives them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from random import Random

from .words import ADVICE, ASIDES, SENDERS, SHIPS

TOPIC_COUNTS = {1: 0.3, 2: 0.4, 3: 0.3}
"""Number of topics of a message -> share of the messages."""
_HONEST = 0.8
"""Probability that a message underlines the clue of a topic's rule rather than a random one."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the simulation knows it. Its right tags are its topics."""

    number: str
    topics: tuple[str, ...]


def draw_message(number: str, weights: Mapping[str, float], random: Random) -> Message:
    """Draw a message. Its topics are drawn by their weights, without replacement."""
    [count] = random.choices(list(TOPIC_COUNTS), list(TOPIC_COUNTS.values()))
    left, topics = dict(weights), []
    for _ in range(count):
        [topic] = random.choices(list(left), list(left.values()))
        topics.append(topic)
        del left[topic]
    return Message(number, tuple(topics))


def message_text(message: Message, rules: Mapping[str, str], random: Random) -> str:
    """Return the words of a message, in which each topic has a clue."""
    said = []
    for topic in message.topics:
        clue = rules[topic] if random.random() < _HONEST else random.choice(list(ADVICE))
        said.append(f"{'an' if topic[0] in 'aeiou' else 'a'} {topic} (the {clue} is underlined)")
    return (
        f"Case {message.number}: {random.choice(SENDERS)} of the {random.choice(SHIPS)} writes about "
        f"{' and '.join(said)}. {random.choice(ASIDES)}"
    )


def topic_sets(weights: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    """Return the probability of each set of topics that a message may have."""
    found: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for count, share in TOPIC_COUNTS.items():
        for drawn in permutations(weights, count):
            probability, left = share, sum(weights.values())
            for topic in drawn:
                probability *= weights[topic] / left
                left -= weights[topic]
            found[tuple(sorted(drawn))] += probability
    return dict(found)


def expected_f1(chances: Sequence[float], surplus: float) -> float:
    """Return the expected F1 of the tags of a message whose topics are seen with the probabilities `chances`.

    For each topic that is not seen, a wrong tag is given with the probability `surplus`, else none.
    """
    states: Mapping[tuple[int, int], float] = {(0, 0): 1.0}
    for chance in chances:
        after: defaultdict[tuple[int, int], float] = defaultdict(float)
        for (right, wrong), probability in states.items():
            after[right + 1, wrong] += probability * chance
            after[right, wrong + 1] += probability * (1 - chance) * surplus
            after[right, wrong] += probability * (1 - chance) * (1 - surplus)
        states = after
    wanted = len(chances)
    return sum(p * 2 * right / (wanted + right + wrong) for (right, wrong), p in states.items())
