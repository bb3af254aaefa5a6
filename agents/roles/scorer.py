"""The scorer agent, which has its model answer examples with a prompt and scores the answers."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from autogen_core import MessageContext, message_handler

from ...prompts.reading.answers import is_right, read_reply
from ...prompts.task import Example, Task
from ..messages import CallFailed, PromptScored, ScoringRequested, TaskLoaded
from ..messages.scores import Outcome
from ..models.base import ModelReply
from ..scoring.evaluator import evaluate
from ..scoring.measures import TokenUse
from ..search.ordered_results import OrderedResults
from ..search.settings import SearchSettings
from .base import Answer
from .scoring_request import scoring_request
from .task_role import TaskRole

_Key = tuple[str, str, str, str]
"""Stage, candidate, task and split."""
_Answers = tuple[ScoringRequested, list[tuple[Example, Answer]]]


@dataclass
class _Answered:
    """A candidate's answers to one split so far, and the tokens of each."""

    outcomes: list[Outcome] = field(default_factory=list)
    prompt_tokens: list[int] = field(default_factory=list)
    answer_tokens: list[int] = field(default_factory=list)

    def add(self, outcomes: Sequence[Outcome], replies: Sequence[ModelReply]) -> None:
        self.outcomes += outcomes
        self.prompt_tokens += [reply.prompt_tokens for reply in replies]
        self.answer_tokens += [reply.completion_tokens for reply in replies]


class Scorer(TaskRole):
    """An agent that asks its model all examples of a request together and scores the replies."""

    name = "scorer"
    says = (PromptScored,)

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Evaluates prompts on labelled examples.", settings)
        self._examples: dict[tuple[str, str], Example] = {}
        self._so_far: dict[_Key, _Answered] = defaultdict(_Answered)
        self._requests: dict[_Key, OrderedResults[_Answers]] = defaultdict(OrderedResults)

    async def learn(self, message: TaskLoaded) -> None:
        """Keep the examples by task and id."""
        task = message.task
        for example in (*task.train, *task.dev, *task.test):
            self._examples[task.name, example.id] = example

    @message_handler
    async def on_request(self, message: ScoringRequested, ctx: MessageContext) -> None:
        """Score one candidate on one task.

        Each score is over all answers so far. So the scores of a candidate on a task are sent in the order of
        their requests.
        """
        task = self._tasks[message.task]
        requests = self._requests[message.stage, message.candidate.id, task.name, message.split]
        place = requests.begin()
        examples = [self._examples[task.name, id_] for id_ in message.examples]
        candidate = message.candidate
        answers = await self.ask(
            [
                (f"{candidate.id} / {example.id}", scoring_request(self._settings, candidate, task, example))
                for example in examples
            ]
        )
        pairs = list(zip(examples, answers, strict=True))
        for request, answered in requests.end(place, (message, pairs)):
            await self._tell_score(request, answered)

    async def _tell_score(self, message: ScoringRequested, pairs: list[tuple[Example, Answer]]) -> None:
        task = self._tasks[message.task]
        # A failed call is no wrong answer: its example is excluded.
        replies = [answer for _, answer in pairs if not isinstance(answer, CallFailed)]
        outcomes = tuple(self._outcome(task, e, a) for e, a in pairs if not isinstance(a, CallFailed))
        so_far = self._so_far[message.stage, message.candidate.id, task.name, message.split]
        so_far.add(outcomes, replies)
        await self.tell(
            PromptScored(
                stage=message.stage,
                step=message.step,
                purpose=message.purpose,
                candidate=message.candidate.id,
                task=task.name,
                split=message.split,
                score=evaluate(
                    so_far.outcomes,
                    self._settings.objective_weights,
                    tokens=self._use(so_far),
                    likelihood=self._settings.answer == "both",
                ),
                outcomes=outcomes,
                prompt_tokens=sum(r.prompt_tokens for r in replies),
                completion_tokens=sum(r.completion_tokens for r in replies),
                excluded=tuple(example.id for example, a in pairs if isinstance(a, CallFailed)),
            )
        )

    def _use(self, answered: _Answered) -> TokenUse:
        price = self._settings.price
        return TokenUse(
            answered.prompt_tokens,
            answered.answer_tokens,
            price.input if price else None,
            price.output if price else None,
        )

    def _outcome(self, task: Task, example: Example, reply: ModelReply) -> Outcome:
        answer: str | None
        confidence: float | None
        shares: dict[str, float] = {}
        if reply.option_logprobs is not None:
            shares = dict(zip(task.options(example) or (), _normalised(reply.option_logprobs), strict=True))
        if self._settings.answer == "likelihood":
            answer = max(shares, key=shares.__getitem__)
            confidence, followed = shares[answer], None
        else:
            reading = read_reply(
                reply.text,
                task,
                example,
                self._settings.guesses,
                rules=self._settings.reading,
                cut=reply.finish == "length",
            )
            answer, confidence, followed = reading.answer, reading.confidence, reading.followed
        return Outcome(
            example=example.id,
            answer=answer,
            correct=is_right(answer, task, example, rules=self._settings.reading),
            followed=followed,
            confidence=confidence,
            likelihood=shares.get(answer or "") if self._settings.answer == "both" else None,
        )


def _normalised(logprobs: Sequence[float]) -> list[float]:
    """Return likelihoods that sum to one, rounded to six digits; further digits are numerical noise."""
    top = max(logprobs)
    weights = [math.exp(value - top) for value in logprobs]
    return [round(weight / sum(weights), 6) for weight in weights]
