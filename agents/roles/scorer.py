"""The scorer agent, which has its model answer examples with a prompt and scores the answers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from autogen_core import MessageContext, message_handler

from ...prompts.task import Example, Task
from ..call_events import PROGRAMS
from ..grading.grader import Grader
from ..grading.outcomes import Answered
from ..messages import CallFailed, PromptScored, ScoringRequested, TaskLoaded
from ..messages.scores import Outcome
from ..models.base import ModelReply, ModelRequest
from ..scoring.evaluator import evaluate
from ..scoring.measures import TokenUse
from ..search.ordered_results import OrderedResults
from ..search.settings import SearchSettings
from .base import Answer
from .scoring_reply import answered_by
from .scoring_request import scoring_request
from .task_role import TaskRole

_Key = tuple[str, str, str, str]
"""Stage, candidate, task and split."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What is kept of a reply."""

    tokens: tuple[int, int]
    """Tokens of the prompts and of the replies that the answer rests on."""
    requests: Mapping[str, int]
    """Digest of a request of a program -> its tokens."""
    outcome: Outcome | None = None
    """None until the calls that it needs have ended, or if a metric has failed."""
    answered: Answered | None = None
    """The answer with all of its words, as long as calls are needed for the outcome."""


_Scored = tuple[str, _Read | None]
"""Id of an example and what is kept of the reply; None if the call has failed."""


@dataclass
class _SoFar:
    """A candidate's answers to one split so far, and the tokens of each."""

    outcomes: list[Outcome] = field(default_factory=list)
    prompt_tokens: list[int] = field(default_factory=list)
    answer_tokens: list[int] = field(default_factory=list)

    def add(self, outcomes: Sequence[Outcome], used: Sequence[tuple[int, int]]) -> None:
        self.outcomes += outcomes
        self.prompt_tokens += [prompt for prompt, _ in used]
        self.answer_tokens += [answer for _, answer in used]


class Scorer(TaskRole):
    """An agent that asks its model all examples of a request together and scores the replies."""

    name = "scorer"
    says = (PromptScored,)

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__("Evaluates prompts on labelled examples.", settings)
        self._examples: dict[tuple[str, str], Example] = {}
        self._graders: dict[str, Grader] = {}
        self._so_far: dict[_Key, _SoFar] = defaultdict(_SoFar)
        self._requests: dict[_Key, OrderedResults[tuple[ScoringRequested, list[_Scored]]]] = defaultdict(
            OrderedResults
        )

    async def learn(self, message: TaskLoaded) -> None:
        """Keep the examples by task and id, and the metrics."""
        task = message.task
        self._graders[task.name] = Grader(task)
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
        replies = await self.ask_each(
            [
                (f"{candidate.id} / {example.id}", scoring_request(self._settings, candidate, task, example))
                for example in examples
            ],
            lambda n, reply: self._read(task, examples[n], reply),
            model=PROGRAMS if task.program else None,
        )
        scored = await self._graded(task, examples, replies)
        for request, found in requests.end(place, (message, scored)):
            await self._tell_score(request, found)

    def _read(self, task: Task, example: Example, reply: ModelReply) -> _Read:
        """Read a reply as soon as it is there, since replies may be long and many."""
        one = answered_by(self._settings, task, example, reply)
        outcome = self._graders[task.name].outcome(one)
        return _Read(one.tokens, one.requests, outcome, one if outcome is None else None)

    async def _graded(
        self, task: Task, examples: Sequence[Example], replies: Sequence[_Read | CallFailed]
    ) -> list[_Scored]:
        """Return each example with what is kept of its reply, now with the outcomes that need calls."""
        waiting = [one.answered for one in replies if isinstance(one, _Read) and one.answered is not None]
        asked = iter(await self._graders[task.name].outcomes(waiting, self._ask) if waiting else ())
        scored: list[_Scored] = []
        for example, one in zip(examples, replies, strict=True):
            if isinstance(one, CallFailed):
                scored.append((example.id, None))
            elif one.answered is None:
                scored.append((example.id, one))
            else:
                scored.append((example.id, replace(one, outcome=next(asked), answered=None)))
        return scored

    async def _ask(self, requests: Sequence[tuple[str, ModelRequest]], model: str) -> list[Answer]:
        return await self.ask(requests, model=model)

    async def _tell_score(self, message: ScoringRequested, scored: Sequence[_Scored]) -> None:
        # A failed call is no wrong answer, nor is a metric that has failed: the example is excluded.
        kept = [(one, one.outcome) for _, one in scored if one is not None and one.outcome is not None]
        used, outcomes = [one.tokens for one, _ in kept], tuple(outcome for _, outcome in kept)
        so_far = self._so_far[message.stage, message.candidate.id, message.task, message.split]
        so_far.add(outcomes, used)
        await self.tell(
            PromptScored(
                stage=message.stage,
                step=message.step,
                purpose=message.purpose,
                candidate=message.candidate.id,
                task=message.task,
                split=message.split,
                score=evaluate(
                    so_far.outcomes,
                    self._settings.objective_weights,
                    tokens=self._use(so_far),
                    likelihood=self._settings.answer == "both",
                ),
                outcomes=outcomes,
                prompt_tokens=sum(prompt for prompt, _ in used),
                completion_tokens=sum(answer for _, answer in used),
                excluded=tuple(id_ for id_, one in scored if one is None or one.outcome is None),
                requests={key: tokens for one, _ in kept for key, tokens in one.requests.items()},
            )
        )

    def _use(self, answered: _SoFar) -> TokenUse:
        price = self._settings.price
        return TokenUse(
            answered.prompt_tokens,
            answered.answer_tokens,
            price.input if price else None,
            price.output if price else None,
        )
