"""Steps take turns in a fixed order, independent of the arrival of answers."""

import asyncio
from itertools import permutations

import pytest

from transfer_prompting.agents.messages import Message, ProposalsMade, ProposalsRequested, RunStarted
from transfer_prompting.agents.search.step_scheduler import StepScheduler


def question(number: int) -> ProposalsRequested:
    return ProposalsRequested(stage="target", step=number, count=1, tasks=("far",), history=(), exemplars=())


def answer(number: int) -> ProposalsMade:
    return ProposalsMade(stage="target", step=number, candidates=())


class Conversation:
    """Steps that ask one question after another, and a record of their order."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.record: list[str] = []
        self.scheduler = StepScheduler(self._tell, lambda: None)

    async def _tell(self, message: Message) -> None:
        assert isinstance(message, ProposalsRequested)
        self.asked.append(message.step)

    async def step(self, name: str, *numbers: int) -> None:
        """Ask these questions, each when the one before is answered."""
        for number in numbers:
            [made] = await self.scheduler.ask([question(number)])
            self.record.append(f"{name}{made.step}")

    async def main(self) -> None:
        """Start two steps, and wait for both."""
        self.scheduler.start(self.step("a", 1, 2))
        self.scheduler.start(self.step("b", 11, 12))
        await self.scheduler.turn()
        self.record.append("end")


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_turns_do_not_depend_on_arrival(order: tuple[int, int, int]) -> None:
    """The steps do the same in the same order, whichever open question is answered first."""
    conversation = Conversation()
    conversation.scheduler.start_main(conversation.main())
    answered: set[int] = set()
    while left := [number for number in conversation.asked if number not in answered]:
        number = left[order[len(answered) % 3] % len(left)]
        answered.add(number)
        conversation.scheduler.deliver(answer(number))
    assert conversation.record == ["a1", "b11", "a2", "b12", "end"]


def test_answers_come_in_the_order_of_the_questions() -> None:
    """The answers to several questions are given in the order of the questions once all are there."""
    conversation, found = Conversation(), list[int]()

    async def main() -> None:
        questions = [question(1), question(2), question(1)]
        found.extend(made.step for made in await conversation.scheduler.ask(questions))

    conversation.scheduler.start_main(main())
    for number in (2, 1):
        conversation.scheduler.deliver(answer(number))
    assert (conversation.asked, found) == ([1, 2, 1], [])
    conversation.scheduler.deliver(answer(1))
    assert found == [1, 2, 1]


def test_an_answer_that_no_step_awaits_changes_nothing() -> None:
    """An answer to no question is ignored."""
    conversation = Conversation()
    conversation.scheduler.start_main(conversation.main())
    conversation.scheduler.deliver(answer(99))
    assert conversation.record == []


def test_a_step_awaits_only_answers() -> None:
    """A step that awaits a clock is refused, because the log does not hold the time."""
    conversation = Conversation()

    async def main() -> None:
        await asyncio.sleep(0)

    with pytest.raises(TypeError, match="a step awaited NoneType"):
        conversation.scheduler.start_main(main())


def test_only_questions_have_answers() -> None:
    """Asking with a message that no agent answers is an error, not a wait without end."""
    conversation = Conversation()
    started = RunStarted(
        name="r", seed=1, config={}, source_tasks=(), target_tasks=("far",), models={}, versions={}
    )

    async def main() -> None:
        await conversation.scheduler.ask([started])

    conversation.scheduler.tell = _send_nothing
    with pytest.raises(TypeError, match="RunStarted is no question"):
        conversation.scheduler.start_main(main())


async def _send_nothing(_: Message) -> None:
    """Send the message to no agent."""
