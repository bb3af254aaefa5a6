"""The simulated task model, which answers the last example of a request in the format that it demands."""

import re
from collections import Counter
from collections.abc import Mapping
from math import log

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from .frames import conversation, count_tokens, demanded_fields, prompt_and_example, reply_to
from .prompt import Features, PromptReader
from .truth import Case, Truth
from .words import ARCHIVE, DESKS, MANNERS, chance, pick

LOST = "I see no message to sort."
_SHY, _BOLD = 5, 95
"""Confidences, in per cent, that a prompt makes shy, and that a bold model states for everything."""


class TaskModel:
    """Answers requests. It finds an example by its number, and reads the prompt around it.

    If it is `mannered`, its replies have a text for a judge; if `bold`, it is sure of every answer.
    """

    def __init__(
        self, truth: Truth, cases: Mapping[str, Case], *, mannered: bool = False, bold: bool = False
    ) -> None:
        self._truth = truth
        self.cases = cases
        """The examples by number."""
        self._mannered = mannered
        self._bold = bold
        self._prompts = PromptReader({number: case.answer for number, case in cases.items()})

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return the reply to the last example in the conversation."""
        text = conversation(request)
        asked = prompt_and_example(request)
        if asked is None or asked[1] not in self.cases:
            return reply_to(request, LOST)
        prompt, case = self.prompt_of(asked[0]), self.cases[asked[1]]
        near = self.demonstrated(prompt).get(case.topic, 0)
        answer = self._answer(prompt, case, near)
        ease = self._truth.on_case(prompt, case, near)
        if request.options is not None:
            return _likelihoods(request, answer, ease)
        if prompt.defective:
            answer = f"Code {1 + (*DESKS, ARCHIVE).index(answer)}"
        return reply_to(request, self._written(text, prompt, case, answer, ease))

    def prompt_of(self, text: str) -> Features:
        """Return the features of a whole prompt, or of the text before the example of a request."""
        return self._prompts.features(text)

    def demonstrated(self, prompt: Features) -> Counter[str]:
        """Return the number of demonstrations of each topic in a prompt."""
        return Counter(self.cases[number].topic for number in prompt.shown)

    @staticmethod
    def manner_chance(asked: bool) -> float:
        """Return the probability that a reply shows one kind of good manners."""
        return 0.9 if asked else 0.2

    def _answer(self, prompt: Features, case: Case, near: int) -> str:
        if self._truth.is_right(prompt, case, near):
            return case.answer
        if prompt.hedged:
            return ARCHIVE
        wrong = [desk for desk in DESKS if desk != case.answer]
        return pick(wrong, self._truth.seed, case.number, prompt.wording)

    def _written(self, text: str, prompt: Features, case: Case, answer: str, ease: float) -> str:
        if fields := demanded_fields(text):
            said = {"reasoning": "The subject decides.", "confidence": str(self._confidence(prompt, ease))}
            return fields.filled(lambda name: said.get(name, answer))
        if "<final_answer>" in text:
            return f"<final_answer>{answer}</final_answer>"
        said_so = [f"Answer: {answer}"]
        if re.search(r"\bconfidence\b", text, re.IGNORECASE):
            said_so.append(f"Confidence: {self._confidence(prompt, ease)}")
        if self._mannered:
            said_so.append(f"Reply: {self._reply(prompt, case)}")
        return "\n".join(said_so)

    def _confidence(self, prompt: Features, ease: float) -> int:
        if prompt.hedged:
            return _SHY
        return _BOLD if self._bold else stated_confidence(ease)

    def _reply(self, prompt: Features, case: Case) -> str:
        """Return the text for a judge, with most of the manners that the prompt asks for."""
        kept = [
            said
            for name, (_, said) in MANNERS.items()
            if chance(self._truth.seed, case.number, name) < self.manner_chance(name in prompt.manners)
        ]
        return " ".join([*kept, "Your message has been passed on."])


def stated_confidence(ease: float) -> int:
    """Return a stated confidence as models give it: too high, and in steps of five."""
    return 5 * round(20 * (0.4 + 0.6 * ease))


def _likelihoods(request: ModelRequest, answer: str, ease: float) -> ModelReply:
    options = request.options or ()
    share = min(0.97, max(ease, 1.2 / len(options)))
    rest = (1 - share) / max(1, len(options) - 1)
    return ModelReply(
        text="",
        finish="scored",
        prompt_tokens=count_tokens(conversation(request)),
        completion_tokens=0,
        option_logprobs=tuple(log(share if option == answer else rest) for option in options),
    )
