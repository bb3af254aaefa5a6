"""A scorer that is stepped by hand: its model is a plain function."""

from collections.abc import Callable
from typing import cast

from autogen_core import MessageContext
from curator_making import task

from transfer_prompting.agents.messages import (
    Message,
    PromptScored,
    Purpose,
    ScoringRequested,
    Stage,
    TaskLoaded,
)
from transfer_prompting.agents.models.base import ModelReply, ModelRequest
from transfer_prompting.agents.roles.base import Ask
from transfer_prompting.agents.roles.scorer import Scorer
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.prompts.task import AnswerFormat, Split, Task

PLAIN = make_candidate("Answer.", "initial")
FAR = task("far", dev=10)
Answer = Callable[[ModelRequest], ModelReply]


def reply(text: str, logprobs: tuple[float, ...] | None = None) -> ModelReply:
    return ModelReply(
        text=text, finish="stop", prompt_tokens=10, completion_tokens=2, option_logprobs=logprobs
    )


def right(_request: ModelRequest) -> ModelReply:
    """Always the right answer, stated in the demanded format."""
    return reply("Answer: x\nConfidence: 90")


class Stepped(Scorer):
    """A scorer without a runtime; `score` delivers a request and returns the score."""

    def __init__(self, model: Answer, **options: object) -> None:
        super().__init__(SearchSettings.model_validate(options))
        self._model = model
        self._sent: list[Message] = []
        self.asked: list[list[tuple[str, ModelRequest]]] = []

    async def tell(self, message: Message) -> None:
        self._sent.append(message)

    def score(
        self,
        *examples: int,
        candidate: Candidate = PLAIN,
        stage: Stage = "target",
        split: Split = "dev",
        purpose: Purpose = "search",
    ) -> PromptScored:
        """The score of the candidate on the examples of these numbers."""
        message = ScoringRequested(
            stage=stage,
            step=1,
            purpose=purpose,
            candidate=candidate,
            task="far",
            split=split,
            examples=tuple(f"{split}-{n}" for n in examples),
        )
        self.deliver(message)
        scored = self._sent.pop()
        assert isinstance(scored, PromptScored)
        return scored

    def deliver(self, message: Message) -> None:
        """Handle a message; the model answers all of its requests."""
        handling = self.on_message_impl(message, cast(MessageContext, None))
        try:
            ask = cast(Ask, handling.send(None))
            self.asked.append(list(ask.requests))
            handling.send([ask.taken(n, self._model(request)) for n, (_, request) in enumerate(ask.requests)])
        except StopIteration:
            return


def scorer(model: Answer = right, labels: tuple[str, ...] = (), **options: object) -> Stepped:
    """A scorer that knows its task, which has labels or open answers."""
    made = Stepped(model, **options)
    made.deliver(TaskLoaded(task=known_task(labels), stage="target", origin="", digest=""))
    return made


def known_task(labels: tuple[str, ...] = ()) -> Task:
    """The task that the scorer knows."""
    format_ = AnswerFormat(type="label", labels=labels) if labels else AnswerFormat(type="text")
    return FAR.model_copy(update={"answer": format_})
