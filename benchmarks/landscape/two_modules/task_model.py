"""The simulated task model behind both modules, which answers the last message of a request."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from ..frames import conversation, demanded_fields, prompt_and_example, reply_to
from ..prompt import CASE, Features, PromptReader
from ..task_model import LOST
from ..truth import Case, Truth
from ..words import DESKS, chance, pick
from .words import COLLECTIONS, from_retrieve, topic_of_notice

GUESS = 0.25
"""Probability that the right desk is named without the right notice, whatever the text of `answer` says."""


@dataclass(frozen=True)
class Module:
    """Abilities of one module. `cases` has its right output for every message, by number."""

    truth: Truth
    cases: Mapping[str, Case]
    reader: PromptReader = field(init=False, repr=False)

    def __post_init__(self) -> None:
        answers = {number: case.answer for number, case in self.cases.items()}
        object.__setattr__(self, "reader", PromptReader(answers))

    def on_topic(self, text: str, topic: str) -> float:
        """Return the probability of the right output, averaged over all messages of `topic`."""
        features = self.reader.features(text)
        return self.truth.on_topic(features, topic, self._near(features)[topic])

    def is_right(self, text: str, number: str) -> bool:
        """Return whether the module's output for a message is the right one."""
        features, case = self.reader.features(text), self.cases[number]
        return self.truth.is_right(features, case, self._near(features)[case.topic])

    def _near(self, features: Features) -> Counter[str]:
        return Counter(self.cases[number].topic for number in features.shown)


class TwoModulesModel:
    """Answers requests of both modules. A request that shows what a search has found is one of `answer`."""

    def __init__(self, retrieve: Module, answer: Module) -> None:
        self.retrieve = retrieve
        self.answer = answer

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return a query or a desk, in the format that the request demands."""
        text = conversation(request)
        asked = prompt_and_example(request)
        if asked is None or asked[1] not in self.answer.cases:
            return reply_to(request, LOST)
        *_, last = CASE.finditer(text)
        behind = text[last.end() :]
        answering = "notice" in behind.casefold()
        said = self._desk(*asked, behind) if answering else self._query(*asked)
        if fields := demanded_fields(text):
            return reply_to(request, fields.filled(lambda name: "" if name == "reasoning" else said))
        return reply_to(request, f"{'Answer' if answering else 'Query'}: {said}")

    def _query(self, text: str, number: str) -> str:
        text = from_retrieve(text)
        right = self.retrieve.cases[number].answer
        found = self._output(self.retrieve, text, number, tuple(COLLECTIONS.values()), right)
        return found if self.retrieve.reader.features(text).defective else f"{found} {number}"

    def _desk(self, text: str, number: str, behind: str) -> str:
        case = self.answer.cases[number]
        if topic_of_notice(behind) == case.topic or self.answer.reader.features(text).defective:
            return self._output(self.answer, text, number, DESKS, case.answer)
        if chance(self.answer.truth.seed, number, "guess") < GUESS:
            return case.answer
        return pick([desk for desk in DESKS if desk != case.answer], self.answer.truth.seed, number, "wrong")

    @staticmethod
    def _output(module: Module, text: str, number: str, options: tuple[str, ...], right: str) -> str:
        features = module.reader.features(text)
        others = [option for option in options if option != right]
        known = module.is_right(text, number)
        said = right if known else pick(others, module.truth.seed, number, features.wording)
        return f"Code {1 + options.index(said)}" if features.defective else said
