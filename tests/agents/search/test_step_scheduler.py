"""Lanes take turns in a fixed order, whichever answer comes first."""

import asyncio
from itertools import permutations

import pytest

from transfer_prompting.agents.messages import Message, ProposalsMade, ProposalsRequested, RunStarted
from transfer_prompting.agents.search.step_scheduler import StepScheduler


def question(step: int) -> ProposalsRequested:
    return ProposalsRequested(stage="target", step=step, count=1, tasks=("far",), history=(), exemplars=())


def answer(step: int) -> ProposalsMade:
    return ProposalsMade(stage="target", step=step, candidates=())


class Talk:
    """Lanes that ask one question after another, and a note of what happens when."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.notes: list[str] = []
        self.scheduler = StepScheduler(self._tell, lambda: None)

    async def _tell(self, message: Message) -> None:
        assert isinstance(message, ProposalsRequested)
        self.told.append(message.step)

    async def lane(self, name: str, *steps: int) -> None:
        """Ask these, each when the one before is answered."""
        for step in steps:
            [made] = await self.scheduler.ask([question(step)])
            self.notes.append(f"{name}{made.step}")

    async def main(self) -> None:
        """Start two lanes, and wait for both."""
        self.scheduler.start(self.lane("a", 1, 2))
        self.scheduler.start(self.lane("b", 11, 12))
        await self.scheduler.turn()
        self.notes.append("end")


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_turns_do_not_depend_on_arrival(order: tuple[int, int, int]) -> None:
    """Whichever of the open questions is answered first, what is done with the answers is the same."""
    talk = Talk()
    talk.scheduler.lead(talk.main())
    answered: set[int] = set()
    while left := [step for step in talk.told if step not in answered]:
        step = left[order[len(answered) % 3] % len(left)]
        answered.add(step)
        talk.scheduler.deliver(answer(step))
    assert talk.notes == ["a1", "b11", "a2", "b12", "end"]


def test_answers_come_in_the_order_of_the_questions() -> None:
    """Several questions are asked at once, and their answers given in their order when all are there."""
    talk, found = Talk(), list[int]()

    async def main() -> None:
        found.extend(made.step for made in await talk.scheduler.ask([question(1), question(2), question(1)]))

    talk.scheduler.lead(main())
    for step in (2, 1):
        talk.scheduler.deliver(answer(step))
    assert (talk.told, found) == ([1, 2, 1], [])
    talk.scheduler.deliver(answer(1))
    assert found == [1, 2, 1]


def test_what_nobody_awaits_changes_nothing() -> None:
    """An answer to no question is passed over."""
    talk = Talk()
    talk.scheduler.lead(talk.main())
    talk.scheduler.deliver(answer(99))
    assert talk.notes == []


def test_a_lane_awaits_nothing_else() -> None:
    """A lane that awaits a clock is refused: what it waits for is not in the log."""
    talk = Talk()

    async def main() -> None:
        await asyncio.sleep(0)

    with pytest.raises(TypeError, match="a lane awaited NoneType"):
        talk.scheduler.lead(main())


def test_only_questions_have_answers() -> None:
    """To ask with a message that nobody answers is an error, not a wait without end."""
    talk = Talk()
    started = RunStarted(
        name="r", seed=1, config={}, source_tasks=(), target_task="far", models={}, versions={}
    )

    async def main() -> None:
        await talk.scheduler.ask([started])

    talk.scheduler.tell = _say_nothing
    with pytest.raises(TypeError, match="nobody answers RunStarted"):
        talk.scheduler.lead(main())


async def _say_nothing(_: Message) -> None:
    """Tell it to nobody."""
