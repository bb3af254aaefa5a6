"""Several courses of events at a time that take turns in a fixed order, whichever answer comes first.

A lane is a coroutine that tells messages and awaits the answers to them. Its answers are handed to it when
its turn comes: the lanes go one after another, round and round, and each waits for the one before it. So
what the lanes do to the state that they share depends on the answers alone and not on their arrival, and
while one lane waits for its last answer, the others' questions keep the models busy.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from contextlib import suppress
from typing import Any

from ..messages import (
    JudgementRequested,
    Message,
    PromptJudged,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    ReviewGiven,
    ReviewRequested,
    ScoringRequested,
)

Step = Coroutine["PendingAnswers", None, None]
_Key = tuple[object, ...]


class PendingAnswers:
    """What a lane waits for: the answers to its questions, in the order of the questions."""

    def __init__(self, keys: Iterable[_Key] = ()) -> None:
        self._keys = list(keys)
        self._answers: dict[int, Message] = {}

    def __await__(self) -> Generator["PendingAnswers", None, list[Any]]:
        yield self
        return [self._answers[at] for at in range(len(self._keys))]

    @property
    def done(self) -> bool:
        """Whether every question has its answer."""
        return len(self._answers) == len(self._keys)

    def take(self, key: _Key, message: Message) -> bool:
        """Take in an answer; returns whether it was awaited."""
        at = next((n for n, k in enumerate(self._keys) if k == key and n not in self._answers), None)
        if at is not None:
            self._answers[at] = message
        return at is not None


class StepScheduler:
    """The lanes under way, and behind them the main one, which goes on when there is no other.

    `tell` says a message. After each turn of a lane `after` is called: it may `start` others.
    """

    def __init__(self, tell: Callable[[Message], Awaitable[None]], after: Callable[[], None]) -> None:
        self.tell = tell
        self._after = after
        self._waiting: deque[tuple[Step, PendingAnswers]] = deque()
        self._main: tuple[Step, PendingAnswers] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def lead(self, main: Step) -> None:
        """Begin the main lane."""
        self._main = (main, PendingAnswers())
        self.go()

    def start(self, lane: Step) -> None:
        """Begin a lane at once; from then on it is the last to have its turn."""
        self._step(lane)

    async def ask(self, questions: Iterable[Message]) -> list[Any]:
        """Tell `questions`; returns the answers, in their order, when it is this lane's turn again."""
        asked = list(questions)
        for question in asked:
            await self.tell(question)
        return await PendingAnswers(map(_awaited, asked))

    async def turn(self) -> None:
        """Wait for the next turn."""
        await PendingAnswers()

    def deliver(self, message: Message) -> None:
        """Hand over an answer, and give all lanes their turns that can have them.

        It goes to whoever has asked for it first. One that nobody awaits changes nothing.
        """
        key = _given(message)
        errands = [errand for _, errand in self._waiting]
        if self._main is not None:
            errands.append(self._main[1])
        next((errand for errand in errands if errand.take(key, message)), None)
        self.go()

    def go(self) -> None:
        """Give turns as long as whoever is next has all of its answers."""
        while True:
            if self._waiting and self._waiting[0][1].done:
                self._step(self._waiting.popleft()[0])
                self._after()
            elif not self._waiting and self._main is not None and self._main[1].done:
                self._step_main(self._main[0])
            else:
                return

    def _step(self, lane: Step) -> None:
        with suppress(StopIteration):
            self._waiting.append((lane, _checked(lane.send(None))))

    def _step_main(self, lane: Step) -> None:
        self._main = None
        with suppress(StopIteration):
            self._main = (lane, _checked(lane.send(None)))


def _checked(awaited: PendingAnswers) -> PendingAnswers:
    if not isinstance(awaited, PendingAnswers):
        raise TypeError(f"a lane awaited {type(awaited).__name__}: it may await nothing but what it asks")
    return awaited


def _awaited(question: Message) -> _Key:
    match question:
        case ScoringRequested():
            place = question.stage, question.step, question.purpose
            return PromptScored, *place, question.candidate.id, question.task
        case ProposalsRequested():
            return ProposalsMade, question.stage, question.step
        case ReviewRequested():
            return ReviewGiven, question.moment, question.reviewer, question.candidate.id
        case JudgementRequested():
            return PromptJudged, question.stage, question.step, question.candidate.id
    raise TypeError(f"nobody answers {type(question).__name__}")


def _given(answer: Message) -> _Key:
    match answer:
        case PromptScored():
            return PromptScored, answer.stage, answer.step, answer.purpose, answer.candidate, answer.task
        case ProposalsMade():
            return ProposalsMade, answer.stage, answer.step
        case ReviewGiven():
            return ReviewGiven, answer.moment, answer.reviewer, answer.candidate
        case PromptJudged():
            return PromptJudged, answer.stage, answer.step, answer.candidate
    raise TypeError(f"{type(answer).__name__} answers nothing")
