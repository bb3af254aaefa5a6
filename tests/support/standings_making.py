"""Standings whose prompts have answered the examples of a task about two topics."""

from collections.abc import Callable, Iterable

from outcome_making import outcome, scores_of

from transfer_prompting.agents.messages import PromptScored
from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.agents.search.standings import Standings
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

Right = Callable[[str, str, int], bool]
"""Returns whether a prompt answers the example with this topic and number rightly."""
TOPICS = ("refund", "parcel", "invoice", "visa")


def topical_task(examples: int = 40) -> Task:
    """Return a task whose examples are about each topic in turn."""
    rows = tuple(
        Example(id=f"dev-{n}", question=f"Letter {n} is about a {topic_of(n)}.", answer="x")
        for n in range(examples)
    )
    return Task(
        name="near",
        description="Answer.",
        answer=AnswerFormat(type="text"),
        initial_prompts=("Answer.",),
        train=(),
        dev=rows,
        test=(),
    )


def topic_of(number: int) -> str:
    """Return the topic of an example."""
    return TOPICS[number % len(TOPICS)]


def standings_of(task: Task, answered: Iterable[tuple[str, Iterable[int]]], right: Right) -> Standings:
    """Return standings in which each prompt has answered the examples with these numbers."""
    standings = Standings([task], {"metric": 1.0})
    for text, numbers in answered:
        candidate = make_candidate(text, "history")
        standings.add(candidate)
        standings.record(_scored(candidate, list(numbers), right))
    return standings


def _scored(candidate: Candidate, numbers: list[int], right: Right) -> PromptScored:
    found = [right(candidate.text, topic_of(n), n) for n in numbers]
    value = sum(found) / len(found)
    score = Score(composite=value, measures={"metric": Measure(value=value, n=len(found))})
    outcomes = (
        outcome(n, one).model_copy(update={"example": f"dev-{n}"})
        for n, one in zip(numbers, found, strict=True)
    )
    return scores_of(candidate, score, outcomes, "near")
