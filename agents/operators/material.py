"""What operators work with: good prompts, the mistakes made with them, sentences to add, and the tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ...prompts.demonstrations import split_prompt
from ...prompts.seeds import seed_library
from ...prompts.task import Example, Task
from ..messages import Failure, HistoryEntry, ProposalsRequested


@dataclass(frozen=True, slots=True)
class Mistake:
    """An example that a prompt got wrong; `answered` is None where no answer could be read."""

    example: Example
    answered: str | None


@dataclass(frozen=True, slots=True)
class Parent:
    """A prompt of the history: its instruction, and the demonstrations behind it with their seam."""

    id: str
    instruction: str
    demonstrations: str = ""
    score: int = 0
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Parents from the best to the worst, sentences to add, the tasks of the stage, some solved examples."""

    parents: Sequence[Parent]
    clauses: Sequence[str]
    tasks: Sequence[Task]
    exemplars: Sequence[Example] = ()


def gather(request: ProposalsRequested, tasks: Mapping[str, Task]) -> Material:
    """The material that `request` gives; `tasks` are those that were loaded, by name.

    Mistakes are looked up among training and development examples alone: a test example is never shown.
    """
    mine = [tasks[name] for name in request.tasks]
    found = {(task.name, example.id): example for task in mine for example in (*task.train, *task.dev)}
    return Material(
        parents=[_parent(entry, found) for entry in reversed(request.history)],
        clauses=seed_library().clauses_for(mine),
        tasks=mine,
        exemplars=request.exemplars,
    )


def pick(parents: Sequence[Parent], random: Random) -> Parent:
    """One of `parents`, which are sorted from the best; the better, the more often: n, n-1, ..., 1."""
    return random.choices(parents, weights=range(len(parents), 0, -1))[0]


def pick_two(parents: Sequence[Parent], random: Random) -> tuple[Parent, Parent]:
    """Two good parents with different instructions: the less their words overlap, the more often."""
    one = pick([p for p in parents if any(q.instruction != p.instruction for q in parents)], random)
    others = [p for p in parents if p.instruction != one.instruction]
    ranks = range(len(others), 0, -1)
    distances = [1.05 - overlap(one.instruction, p.instruction) for p in others]
    weights = [rank * distance for rank, distance in zip(ranks, distances, strict=True)]
    return one, random.choices(others, weights=weights)[0]


def differ(parents: Sequence[Parent]) -> bool:
    """Whether there are two instructions among `parents`."""
    return len({parent.instruction for parent in parents}) > 1


def overlap(one: str, other: str) -> float:
    """The share of words that two texts have in common, from 0 to 1 (Jaccard index)."""
    a, b = (set(text.casefold().split()) for text in (one, other))
    return len(a & b) / len(a | b) if a | b else 1.0


def _parent(entry: HistoryEntry, found: Mapping[tuple[str, str], Example]) -> Parent:
    return Parent(entry.candidate, *split_prompt(entry.text), entry.score, _mistakes(entry.failures, found))


def _mistakes(failures: Sequence[Failure], found: Mapping[tuple[str, str], Example]) -> tuple[Mistake, ...]:
    named = [(found.get((failure.task, failure.example)), failure.answered) for failure in failures]
    return tuple(Mistake(example, answered) for example, answered in named if example is not None)
