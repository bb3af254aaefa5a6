"""Material of the operators: good prompts with their mistakes, sentences to add, and the tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ...prompts.demonstrations import split_prompt
from ...prompts.reading.proposals import MAX_CHARACTERS
from ...prompts.seeds import seed_library
from ...prompts.task import Example, Task
from ..messages import Failure, HistoryEntry, ProposalsRequested


@dataclass(frozen=True, slots=True)
class Mistake:
    """An example that a prompt answered wrongly."""

    example: Example
    answered: str | None
    """Wrong answer; None if no answer could be read."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A prompt of the history, from which a new one can be made."""

    id: str
    instruction: str
    demonstrations: str = ""
    """Rest of the prompt after the instruction, with the marker; "" without demonstrations."""
    score: int = 0
    """Composite score as an integer from 0 to 100."""
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Input of an operator."""

    parents: Sequence[Parent]
    """Prompts of the history, from the best to the worst."""
    clauses: Sequence[str]
    """Sentences of the seed library that suit all tasks."""
    tasks: Sequence[Task]
    """Tasks of the stage."""
    exemplars: Sequence[Example] = ()
    """Training examples to show with their answers."""
    longest: int = MAX_CHARACTERS
    """Number of characters of the longest prompt allowed."""


def gather(request: ProposalsRequested, tasks: Mapping[str, Task], longest: int = MAX_CHARACTERS) -> Material:
    """Return the material for `request`; `tasks` holds the loaded tasks by name.

    `longest` is the number of characters of the longest prompt allowed. Mistakes are looked up among train
    and dev examples only, so that a test example is never shown.
    """
    wanted = [tasks[name] for name in request.tasks]
    examples = {(task.name, example.id): example for task in wanted for example in (*task.train, *task.dev)}
    return Material(
        parents=[_parent(entry, examples) for entry in reversed(request.history)],
        clauses=seed_library().clauses_for(wanted),
        tasks=wanted,
        exemplars=request.exemplars,
        longest=longest,
    )


def pick(parents: Sequence[Parent], random: Random) -> Parent:
    """Return one of n `parents`, sorted from the best, drawn with the weights n, n-1, ..., 1."""
    return random.choices(parents, weights=range(len(parents), 0, -1))[0]


def pick_two(parents: Sequence[Parent], random: Random) -> tuple[Parent, Parent]:
    """Return two good parents with different instructions. Pairs with few words in common are likelier."""
    one = pick([p for p in parents if any(q.instruction != p.instruction for q in parents)], random)
    others = [p for p in parents if p.instruction != one.instruction]
    ranks = range(len(others), 0, -1)
    distances = [1.05 - overlap(one.instruction, p.instruction) for p in others]
    weights = [rank * distance for rank, distance in zip(ranks, distances, strict=True)]
    return one, random.choices(others, weights=weights)[0]


def differ(parents: Sequence[Parent]) -> bool:
    """Return whether `parents` hold two different instructions."""
    return len({parent.instruction for parent in parents}) > 1


def overlap(one: str, other: str) -> float:
    """Return the share of words that two texts have in common, in [0, 1] (Jaccard index)."""
    first, second = (set(text.casefold().split()) for text in (one, other))
    return len(first & second) / len(first | second) if first | second else 1.0


def _parent(entry: HistoryEntry, examples: Mapping[tuple[str, str], Example]) -> Parent:
    mistakes = _mistakes(entry.failures, examples)
    return Parent(entry.candidate, *split_prompt(entry.text), entry.score, mistakes)


def _mistakes(
    failures: Sequence[Failure], examples: Mapping[tuple[str, str], Example]
) -> tuple[Mistake, ...]:
    named = [(examples.get((failure.task, failure.example)), failure.answered) for failure in failures]
    return tuple(Mistake(example, answered) for example, answered in named if example is not None)
