"""A landscape of letters, graded by a judge whose values are the truth plus noise."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from transfer_prompting.agents.grading.functions import FUNCTIONS
from transfer_prompting.agents.models.base import Model, ModelReply, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

from .frames import prompt_and_example, reply_to
from .judge import quality
from .landscape import Landscape, make_landscape
from .prompt import Features, PromptReader
from .proposer import Proposer
from .task_model import LOST
from .tasks import Sizes
from .truth import Case, Shape, Truth
from .words import MANNERS, chance
from .world import rules_prompt

DESCRIPTION = "Messages reach a harbour office. Write the letter that answers a message well."
METRIC = "care"
NOISE = 0.15
"""Usual standard deviation of the judge's values around the truth."""
_LOWEST, _RANGE = 0.1, 0.8
"""True value of a letter without any care, and what all care adds. The rest is room for noise."""
_GOOD = 0.6


@dataclass(frozen=True)
class LetterWorld:
    """A simulated task of writing letters. The care that a letter shows depends on the topic's rule."""

    seed: int
    task: Task
    base: Landscape
    writer: "Writer"
    judge: "Judge"
    cases: Mapping[str, Case] = field(repr=False)

    def models(self) -> dict[str, Model]:
        """Return the models of the scorer and the reference agent, and the one that runs the metric."""
        return {
            "scorer": ScriptedModel(self.writer, f"simulated-writer:{self.seed}", scores_options=False),
            "reference": ScriptedModel(
                Proposer(self.seed), f"simulated-proposer:{self.seed}", scores_options=False
            ),
            FUNCTIONS: ScriptedModel(self.judge, f"simulated-metric:{self.seed}", scores_options=False),
        }

    def true_value(self, prompt: str) -> float:
        """Return the expected value of a new letter. The noise does not change it."""
        features = self.writer.features(prompt)
        near = self.writer.demonstrated(features)
        weights = self.base.weights["target"]
        care = (share * self.base.truth.on_topic(features, t, near.get(t, 0)) for t, share in weights.items())
        return _LOWEST + _RANGE * sum(care)

    def true_measures(self, prompt: str) -> dict[str, float]:
        """Return nothing: there is one metric."""
        return {}

    def best_prompt(self) -> str:
        """Return the prompt with all right rules, or the shortest if no rule helps."""
        weights, rules = self.base.weights["target"], self.base.truth.rules
        return max((rules_prompt(weights, rules, n) for n in (0, len(weights))), key=self.true_value)


class Writer:
    """Writes letters. Each kind of good manners is shown with the probability that the truth gives."""

    def __init__(self, truth: Truth, cases: Mapping[str, Case]) -> None:
        self._truth = truth
        self._cases = cases
        self._prompts = PromptReader({number: case.topic for number, case in cases.items()})

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return the letter that answers the last message in the conversation."""
        asked = prompt_and_example(request)
        if asked is None or asked[1] not in self._cases:
            return reply_to(request, LOST)
        prompt, case = self.features(asked[0]), self._cases[asked[1]]
        near = self.demonstrated(prompt).get(case.topic, 0)
        parts = ((replace(case, number=f"{case.number}/{name}"), said) for name, (_, said) in MANNERS.items())
        kept = [said for part, said in parts if self._truth.is_right(prompt, part, near)]
        # The words of a letter differ from prompt to prompt, and so the judge's noise does.
        mark = int(10_000 * chance(self._truth.seed, case.number, "mark", prompt.wording))
        return reply_to(request, " ".join([*kept, f"Our mark is {mark:04}."]))

    def features(self, prompt: str) -> Features:
        """Return the features of a prompt."""
        return self._prompts.features(prompt)

    def demonstrated(self, prompt: Features) -> dict[str, int]:
        """Return the number of demonstrations of each topic in a prompt."""
        found: dict[str, int] = {}
        for number in prompt.shown:
            topic = self._cases[number].topic
            found[topic] = found.get(topic, 0) + 1
        return found


class Judge:
    """A metric as a model: it values a letter in [0, 1], with noise of a given standard deviation.

    The values of a letter have a beta distribution around the true one, so no value has to be cut off and
    their mean is the truth. The same letter always gets the same value.
    """

    def __init__(self, seed: int, noise: float, cases: Mapping[str, Case]) -> None:
        self._seed = seed
        self._noise = noise
        self._cases = cases

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return the grade of the letter in the request, as JSON."""
        asked = json.loads(request.messages[-1].text)
        number, letter = asked["example"]["id"].removeprefix("case-"), asked["output"]["text"]
        value = round(self._value(_LOWEST + _RANGE * quality(letter), number, letter), 3)
        topic = self._cases[number].topic
        said = (
            f"Good: the {topic} was handled well." if value >= _GOOD else f"Poor: the {topic} lacks all care."
        )
        grade = {"value": value, "feedback": said, "parts": {}}
        return ModelReply(text=json.dumps(grade), finish="stop", prompt_tokens=0, completion_tokens=0)

    def _value(self, mean: float, number: str, letter: str) -> float:
        if not self._noise:
            return mean
        # The noise cannot exceed what the range allows at the ends.
        spread = min(self._noise**2, 0.9 * mean * (1 - mean))
        certainty = mean * (1 - mean) / spread - 1
        random = Random(f"{self._seed} {number} {letter}")
        return random.betavariate(mean * certainty, (1 - mean) * certainty)


def make_letter_world(seed: int, sizes: Sizes, shape: Shape, noise: float = NOISE) -> LetterWorld:
    """Return a landscape of letters, drawn with `seed`. `noise` is a standard deviation."""
    base = make_landscape("hidden_rules", seed, sizes)
    base = replace(base, truth=replace(base.truth, shape=shape))
    cases = base.answering.cases
    target = base.target
    task = Task(
        name="letters",
        description=DESCRIPTION,
        answer=AnswerFormat(type="raw"),
        initial_prompts=target.initial_prompts,
        frame="own",
        metrics=(MetricSettings(use=f"letters.py:{METRIC}", name=METRIC),),
        train=tuple(map(_without_answer, target.train)),
        dev=tuple(map(_without_answer, target.dev)),
        test=tuple(map(_without_answer, target.test)),
    )
    return LetterWorld(seed, task, base, Writer(base.truth, cases), Judge(seed, noise, cases), cases)


def _without_answer(example: Example) -> Example:
    return Example(id=example.id, question=example.question, answer="")
