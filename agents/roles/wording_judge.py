"""The wording judge, which scores the wording of a prompt by a rubric and measures its own noise.

It does not see what the prompt leads to; `grading.judge` judges responses.
"""

from collections.abc import Sequence

from autogen_core import MessageContext, message_handler

from ...prompts.reading.judgements import read_judgement
from ...prompts.rendering import render
from ...prompts.rubric import Dimension
from ..messages import CallFailed, JudgementRequested, PromptJudged
from ..models.base import ChatMessage, ModelRequest
from ..scoring.sample_interval import noise, sampled
from ..search.settings import SearchSettings
from ..search.wording_settings import WordingSettings
from .base import Answer
from .task_role import TaskRole

MODEL = "judge"
"""Name of the model that judges wordings and responses."""


class WordingJudge(TaskRole):
    """An agent that asks the judge's model for one dimension at a time, `samples` times each.

    A single number is read without doubt, while a list may be incomplete or in another order. And a model
    that gives several scores in one reply lets the first influence the others.
    """

    name = "wording_judge"
    says = (PromptJudged,)

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Judges the wording of prompts.", settings)
        self._judging = settings.wording or WordingSettings()

    @message_handler
    async def on_request(self, message: JudgementRequested, ctx: MessageContext) -> None:
        """Judge one candidate in every dimension of the request."""
        dimensions = [self._judging.rubric.dimension(name) for name in message.dimensions]
        answers = await self.ask(
            [
                self._request(message, dimension, sample)
                for dimension in dimensions
                for sample in range(self._judging.samples)
            ],
            model=MODEL,
        )
        replies = [answer for answer in answers if not isinstance(answer, CallFailed)]
        size = self._judging.samples
        scores = {
            dimension.name: self._scores(answers[at * size : (at + 1) * size])
            for at, dimension in enumerate(dimensions)
        }
        await self.tell(
            PromptJudged(
                stage=message.stage,
                step=message.step,
                candidate=message.candidate.id,
                measures={name: sampled(found) for name, found in scores.items()},
                noise={name: noise(found) for name, found in scores.items()},
                unreadable=len(replies) - sum(map(len, scores.values())),
                prompt_tokens=sum(reply.prompt_tokens for reply in replies),
                completion_tokens=sum(reply.completion_tokens for reply in replies),
                failed=len(answers) - len(replies),
            )
        )

    def _request(
        self, message: JudgementRequested, dimension: Dimension, sample: int
    ) -> tuple[str, ModelRequest]:
        low, high = self._judging.rubric.scale
        text = render(
            "wording",
            low=low,
            high=high,
            dimension=dimension,
            tasks=[self._tasks[name] for name in message.tasks],
            prompt=message.candidate.text,
        )
        seed = self.random(self._seed, message.stage, message.candidate.id, dimension.name, sample)
        request = ModelRequest(
            messages=(ChatMessage(role="user", content=text),),
            max_tokens=self._judging.max_tokens,
            temperature=self._judging.temperature,
            seed=seed.getrandbits(31),
            sample=sample,
        )
        return f"{message.candidate.id}, {dimension.name}, sample {sample + 1}", request

    def _scores(self, answers: Sequence[Answer]) -> list[float]:
        """Return the readable scores, as shares of the scale in [0, 1]."""
        rubric = self._judging.rubric
        replies = [answer for answer in answers if not isinstance(answer, CallFailed)]
        read = (read_judgement(reply.text, rubric.scale, cut=reply.finish == "length") for reply in replies)
        return [rubric.share(score) for score in read if score is not None]
