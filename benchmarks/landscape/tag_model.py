"""The simulated model that tags messages: it gives each topic its tag, another one, or none."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from .frames import conversation, prompt_and_example, reply_to
from .prompt import Features, PromptReader
from .tags import Message
from .task_model import LOST, stated_confidence
from .truth import Case, Truth
from .words import chance, pick

SURPLUS = 0.5
"""Probability that a topic that is not seen gets a wrong tag rather than none."""
SPOKEN = 0.6
"""Probability that a reply speaks of a rule that the prompt gives."""


class TagModel:
    """Answers requests. It finds a message by its number, and reads the prompt around it.

    If it `explains`, it writes a line on most of the rules that the prompt gives, before the tags.
    """

    def __init__(
        self, truth: Truth, messages: Mapping[str, Message], tags: Sequence[str], *, explains: bool
    ) -> None:
        self._truth = truth
        self._messages = messages
        self._tags = tags
        self._explains = explains
        # Every message counts as a demonstration wherever it is shown, because its text names its topics.
        self._prompts = PromptReader({number: one.topics[0] for number, one in messages.items()})

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return the reply to the last message in the conversation."""
        asked = prompt_and_example(request)
        if asked is None or asked[1] not in self._messages:
            return reply_to(request, LOST)
        prompt, message = self._prompts.features(asked[0]), self._messages[asked[1]]
        near = self.demonstrated(prompt)
        given = self._given(prompt, message, near)
        lines = self._explanations(prompt, message) if self._explains else []
        lines.append(f"Answer: {', '.join(sorted(given)) or 'none'}")
        if re.search(r"\bconfidence\b", conversation(request), re.IGNORECASE):
            ease = min(self._truth.on_case(prompt, case, near[case.topic]) for case in _parts(message))
            lines.append(f"Confidence: {stated_confidence(ease)}")
        return reply_to(request, "\n".join(lines))

    def features(self, prompt: str) -> Features:
        """Return the features of a prompt."""
        return self._prompts.features(prompt)

    def demonstrated(self, prompt: Features) -> Counter[str]:
        """Return the number of demonstrations of each topic in a prompt."""
        return Counter(topic for number in prompt.shown for topic in self._messages[number].topics)

    def _given(self, prompt: Features, message: Message, near: Counter[str]) -> list[str]:
        seed, wording = self._truth.seed, prompt.wording
        given: list[str] = []
        for case in _parts(message):
            if self._truth.is_right(prompt, case, near[case.topic]):
                given.append(case.topic)
            elif chance(seed, case.number, "surplus", wording) < SURPLUS:
                others = [tag for tag in self._tags if tag not in message.topics and tag not in given]
                given.append(pick(others, seed, case.number, "other", wording))
        return given

    def _explanations(self, prompt: Features, message: Message) -> list[str]:
        return [
            f"Of {topic} I have thought."
            for topic in sorted(prompt.advice)
            if chance(self._truth.seed, message.number, "spoken", topic, prompt.wording) < SPOKEN
        ]


def _parts(message: Message) -> list[Case]:
    """Return a message as one case for each topic, each with its own difficulty."""
    return [Case(f"{message.number}/{topic}", topic, topic) for topic in message.topics]
