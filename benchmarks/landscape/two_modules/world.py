"""The landscape of two modules: its messages, archive and models, and the truth about every pair of texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from transfer_prompting.agents.models.scripted import ScriptedModel

from ..proposer import Reliability
from ..tasks import Sizes, draw_rules, draw_tips, draw_weights
from ..truth import Case, Shape, Truth
from ..words import ADVICE, ASIDES, DEFECT, DESKS, OPENINGS, SENDERS, SHIPS
from ..world import rules_prompt
from .proposer import ModuleProposer
from .task_model import GUESS, Module, TwoModulesModel
from .words import (
    ANSWER,
    RETRIEVE,
    SEARCH_DEFECT,
    SEARCH_OPENINGS,
    collection,
    from_retrieve,
    mark,
    notice,
    to_retrieve,
)

DESCRIPTION = (
    "Messages reach a harbour office. The program searches the archive for the notice that a message needs, "
    "and names the desk that handles the message."
)
_HONEST = 0.8
"""Probability that an envelope or a notice shows the clue of its topic's rule rather than a random one."""

Row = dict[str, str]
"""One example: its "id", the inputs "message" and "envelope", and the right "answer"."""


@dataclass(frozen=True, slots=True)
class TwoModules:
    """A simulated program and its task. `weights` gives the share of each topic among the messages."""

    seed: int
    texts: Mapping[str, str]
    """The texts that every search starts from, by name."""
    rows: Mapping[str, tuple[Row, ...]] = field(repr=False)
    """The examples of the splits "train", "dev" and "test"."""
    notices: Mapping[str, str] = field(repr=False)
    """What the archive finds, by query."""
    weights: Mapping[str, float]
    model: TwoModulesModel = field(repr=False)
    reliability: Reliability = field(repr=False)

    def true_accuracy(self, texts: Mapping[str, str]) -> float:
        """Return the probability, in [0, 1], that the program names the right desk for a new message.

        For each topic the notice is found with one probability, and the desk with another if it was. Both
        are independent given the topic.
        """
        retrieve, answer = self.model.retrieve, self.model.answer
        query = from_retrieve(texts[RETRIEVE])
        guess = 0.0 if answer.reader.features(texts[ANSWER]).defective else GUESS
        total = 0.0
        for topic, share in self.weights.items():
            found = retrieve.on_topic(query, topic)
            total += share * (found * answer.on_topic(texts[ANSWER], topic) + (1 - found) * guess)
        return round(total, 9)

    def true_shares(self, texts: Mapping[str, str]) -> dict[str, float]:
        """Return the probability of each module's right output, of `answer` given the right notice."""
        retrieve, answer = self.model.retrieve, self.model.answer
        query, chosen = from_retrieve(texts[RETRIEVE]), texts[ANSWER]
        return {
            RETRIEVE: sum(share * retrieve.on_topic(query, topic) for topic, share in self.weights.items()),
            ANSWER: sum(share * answer.on_topic(chosen, topic) for topic, share in self.weights.items()),
        }

    def best_texts(self) -> dict[str, str]:
        """Return texts with all right rules, which no other texts of rules exceed."""
        every = len(self.weights)
        query = rules_prompt(self.weights, self.model.retrieve.truth.rules, every)
        return {
            RETRIEVE: to_retrieve(query),
            ANSWER: rules_prompt(self.weights, self.model.answer.truth.rules, every),
        }

    def attainable(self) -> float:
        """Return the true accuracy of the best texts."""
        return self.true_accuracy(self.best_texts())

    def task_model(self) -> ScriptedModel:
        """Return the model that both modules ask."""
        return ScriptedModel(self.model, f"simulated-modules:{self.seed}", scores_options=False)

    def proposer_model(self) -> ScriptedModel:
        """Return the model that writes texts. It knows the languages of the landscape, not its truth."""
        proposer = ModuleProposer(self.seed, self.reliability)
        return ScriptedModel(proposer, f"simulated-module-proposer:{self.seed}", scores_options=False)


def make_two_modules(
    seed: int = 0,
    sizes: Sizes | None = None,
    *,
    shape: Shape | None = None,
    defective: bool = False,
    reliability: Reliability | None = None,
) -> TwoModules:
    """Return the landscape drawn with `seed`. If `defective`, no reply to the first texts can be used."""
    random, sizes, shape = Random(f"two modules {seed}"), sizes or Sizes(), shape or Shape()
    weights = draw_weights(random, 0)["target"]
    truths = {
        name: Truth(2 * seed + place, shape, draw_rules(random), draw_tips(random))
        for place, name in enumerate((RETRIEVE, ANSWER))
    }
    archive = _Archive({name: truth.rules for name, truth in truths.items()}, weights)
    texts = {RETRIEVE: random.choice(SEARCH_OPENINGS), ANSWER: random.choice(OPENINGS)}
    if defective:
        texts = {RETRIEVE: f"{texts[RETRIEVE]} {SEARCH_DEFECT}", ANSWER: f"{texts[ANSWER]} {DEFECT}"}
    counts = {"train": sizes.train, "dev": sizes.dev, "test": sizes.test}
    rows = {split: tuple(archive.row(random) for _ in range(count)) for split, count in counts.items()}
    modules = {name: Module(truths[name], cases) for name, cases in archive.cases.items()}
    return TwoModules(
        seed=seed,
        texts=texts,
        rows=rows,
        notices=archive.notices,
        weights=weights,
        model=TwoModulesModel(modules[RETRIEVE], modules[ANSWER]),
        reliability=reliability or Reliability(),
    )


class _Archive:
    """Messages, with what each query finds for them. `rules` has the rules of each module."""

    def __init__(self, rules: Mapping[str, Mapping[str, str]], weights: Mapping[str, float]) -> None:
        self._rules = rules
        self._weights = weights
        self.cases: dict[str, dict[str, Case]] = {RETRIEVE: {}, ANSWER: {}}
        self.notices: dict[str, str] = {}

    def row(self, random: Random) -> Row:
        """Draw a message, and file its notices."""
        [topic] = random.choices(list(self._weights), list(self._weights.values()))
        number = str(random.randint(10_000, 99_999))
        while number in self.cases[ANSWER]:
            number = str(random.randint(10_000, 99_999))
        right = collection(self._rules[RETRIEVE][topic])
        self.cases[RETRIEVE][number] = Case(number, topic, right)
        self.cases[ANSWER][number] = Case(number, topic, random.choice(DESKS))
        self._file(number, topic, random)
        article = "an" if topic[0] in "aeiou" else "a"
        return {
            "id": f"case-{number}",
            "message": f"Case {number}: {random.choice(SENDERS)} of the {random.choice(SHIPS)} writes about "
            f"{article} {topic}. {random.choice(ASIDES)}",
            "envelope": f"The envelope bears the {mark(self._clue(RETRIEVE, topic, random))}.",
            "answer": self.cases[ANSWER][number].answer,
        }

    def _file(self, number: str, topic: str, random: Random) -> None:
        """Put the right notice into one collection and notices on other matters into the others."""
        others = [other for other in self._weights if other != topic]
        for clue in ADVICE:
            about = topic if clue == self._rules[RETRIEVE][topic] else random.choice(others)
            shown = self._clue(ANSWER, about, random)
            self.notices[f"{collection(clue)} {number}"] = notice(about, shown)

    def _clue(self, module: str, topic: str, random: Random) -> str:
        return self._rules[module][topic] if random.random() < _HONEST else random.choice(list(ADVICE))
