"""Steps that run at the same time and take turns in a fixed order, whichever answer comes first.

A step is a coroutine that sends messages and awaits the answers to its questions. Steps take turns round
robin: the next step goes on when all of its answers are there, and the steps after it wait until then. What
steps do to the state that they share so depends on the answers alone and not on the order of their arrival.
While one step waits for its last answer, the questions of the others keep the models busy.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from contextlib import suppress
from typing import Any

from ..messages import (
    JudgementRequested,
    MergeMade,
    MergeRequested,
    Message,
    PromptJudged,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    ReviewGiven,
    ReviewRequested,
    ScoringRequested,
)

StepCoroutine = Coroutine["PendingAnswers", None, None]
_Key = tuple[object, ...]
"""The fields that a question and its answer have in common, and the class of the answer."""


class PendingAnswers:
    """The answers that a step awaits, in the order of its questions."""

    def __init__(self, keys: Iterable[_Key] = ()) -> None:
        self._keys = list(keys)
        self._answers: dict[int, Message] = {}

    def __await__(self) -> Generator["PendingAnswers", None, list[Any]]:
        yield self
        return [self._answers[at] for at in range(len(self._keys))]

    @property
    def complete(self) -> bool:
        """True if every question has its answer."""
        return len(self._answers) == len(self._keys)

    def accept(self, key: _Key, answer: Message) -> bool:
        """Keep an answer if a question still waits for it; return whether one did."""
        at = next((n for n, k in enumerate(self._keys) if k == key and n not in self._answers), None)
        if at is not None:
            self._answers[at] = answer
        return at is not None


class StepScheduler:
    """A queue of steps under way, and a main coroutine that has its turn when the queue is empty.

    `tell` sends a message. `after` is called after each turn of a step; it may `start` further steps.
    """

    def __init__(self, tell: Callable[[Message], Awaitable[None]], after: Callable[[], None]) -> None:
        self.tell = tell
        self._after = after
        self._steps: deque[tuple[StepCoroutine, PendingAnswers]] = deque()
        self._main: tuple[StepCoroutine, PendingAnswers] | None = None

    def __len__(self) -> int:
        return len(self._steps)

    def start_main(self, main: StepCoroutine) -> None:
        """Start the main coroutine."""
        self._main = (main, PendingAnswers())
        self._take_turns()

    def start(self, step: StepCoroutine) -> None:
        """Run a step up to its first questions, and put it at the end of the queue."""
        with suppress(StopIteration):
            self._steps.append((step, _checked(step.send(None))))

    async def ask(self, questions: Iterable[Message]) -> list[Any]:
        """Send `questions` and wait for the next turn; return the answers in the order of the questions.

        Raises TypeError for a message that has no answer.
        """
        asked = list(questions)
        for question in asked:
            await self.tell(question)
        return await PendingAnswers(map(_key_of_question, asked))

    async def turn(self) -> None:
        """Wait for the next turn."""
        await PendingAnswers()

    def deliver(self, answer: Message) -> None:
        """Hand an answer to the step that asked for it first, then let steps take their turns.

        An answer that no step awaits changes nothing.
        """
        key = _key_of_answer(answer)
        pending = [answers for _, answers in self._steps]
        if self._main is not None:
            pending.append(self._main[1])
        next((answers for answers in pending if answers.accept(key, answer)), None)
        self._take_turns()

    def _take_turns(self) -> None:
        """Give turns as long as the coroutine whose turn it is has all of its answers."""
        while True:
            if self._steps and self._steps[0][1].complete:
                self.start(self._steps.popleft()[0])
                self._after()
            elif not self._steps and self._main is not None and self._main[1].complete:
                self._continue_main(self._main[0])
            else:
                return

    def _continue_main(self, main: StepCoroutine) -> None:
        self._main = None
        with suppress(StopIteration):
            self._main = (main, _checked(main.send(None)))


def _checked(awaited: PendingAnswers) -> PendingAnswers:
    if not isinstance(awaited, PendingAnswers):
        raise TypeError(
            f"a step awaited {type(awaited).__name__}: it may await only the answers to its questions"
        )
    return awaited


def _key_of_question(question: Message) -> _Key:
    match question:
        case ScoringRequested():
            purpose = question.stage, question.step, question.purpose, question.split
            return PromptScored, *purpose, question.candidate.id, question.task
        case ProposalsRequested():
            return ProposalsMade, question.stage, question.step
        case ReviewRequested():
            return ReviewGiven, question.moment, question.reviewer, question.candidate.id
        case JudgementRequested():
            return PromptJudged, question.stage, question.step, question.candidate.id
        case MergeRequested():
            return MergeMade, question.into
    raise TypeError(f"{type(question).__name__} is no question: no agent answers it")


def _key_of_answer(answer: Message) -> _Key:
    match answer:
        case PromptScored():
            purpose = answer.stage, answer.step, answer.purpose, answer.split
            return PromptScored, *purpose, answer.candidate, answer.task
        case ProposalsMade():
            return ProposalsMade, answer.stage, answer.step
        case ReviewGiven():
            return ReviewGiven, answer.moment, answer.reviewer, answer.candidate
        case PromptJudged():
            return PromptJudged, answer.stage, answer.step, answer.candidate
        case MergeMade():
            return MergeMade, answer.into
    raise TypeError(f"{type(answer).__name__} answers no question")
