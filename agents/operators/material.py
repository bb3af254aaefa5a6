"""Material of the operators: good prompts with their answers, sentences to add, and the tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from ...prompts.demonstrations import split_prompt
from ...prompts.named_texts import join_texts, split_texts
from ...prompts.seeds import seed_library
from ...prompts.task import Example, Task
from ..experience.lessons import Lesson
from ..messages import AnswerTally, Failure, HistoryEntry, ProposalsRequested, Rejection, Success
from ..messages.scores import TraceStep
from .briefing import BRIEF, Briefing
from .lineage import Lineage

ExampleKey = tuple[str, str]
"""A task and the id of one of its examples."""
_PLACE = "\0"
"""Stands for the text that is rewritten while the others are joined around it."""
_Examples = Mapping[ExampleKey, Example]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A prompt's answer to an example."""

    example: Example
    answered: str | None
    """Answer that was given; None if no answer could be read."""
    task: str = ""
    value: float = 0.0
    """Value of the main metric, in [0, 1]."""
    metrics: Mapping[str, float] | None = None
    """Further metrics that are below their best value, by name."""
    output: str = ""
    """What the model replied, shortened; "" if `answered` says it all."""
    feedback: Mapping[str, str] | None = None
    """Metric -> what it says was wrong, in words."""
    trace: tuple[TraceStep, ...] = ()
    """Steps of the program, shortened; () without a program."""

    @property
    def key(self) -> ExampleKey:
        """The task and the id of the example."""
        return self.task, self.example.id


@dataclass(frozen=True, slots=True)
class Parent:
    """A prompt of the history, from which a new one can be made."""

    id: str
    instruction: str
    """Part of the prompt that is rewritten."""
    demonstrations: str = ""
    """Rest of the prompt after its texts, with the marker; "" without demonstrations."""
    before: str = ""
    """What stands before the instruction: "" unless the prompt has several texts."""
    after: str = ""
    """What stands between the instruction and the demonstrations: "" unless the prompt has several texts."""
    score: int = 0
    """Score from 0 to 100 on the scale of the best prompt: its score plus the gain on shared examples."""
    examples: int = 0
    """Number of examples that it has answered."""
    gain: int | None = None
    """Points above the best prompt on the examples that both have answered; None if it is not known."""
    shared: int = 0
    """Number of these examples."""
    leader: bool = False
    """True for the best prompt so far."""
    stopped: bool = False
    """True if it was stopped before it had answered all examples of its race."""
    initial: bool = False
    """True if it is one of the user's own first prompts."""
    rank: int = 1
    """Place in the history, from 1 for the best."""
    operator: str = ""
    mistakes: tuple[Attempt, ...] = ()
    successes: tuple[Attempt, ...] = ()
    tallies: tuple[AnswerTally, ...] = ()

    @property
    def text(self) -> str:
        """The whole prompt."""
        return self.with_instruction(self.instruction)

    def with_instruction(self, text: str) -> str:
        """Return the prompt with `text` in place of its instruction."""
        return self.before + text + self.after + self.demonstrations


@dataclass(frozen=True, slots=True)
class Material:
    """Input of an operator."""

    parents: Sequence[Parent]
    """Prompts of the history, from the best to the worst."""
    library: Sequence[str]
    """Sentences of the seed library that suit all tasks."""
    tasks: Sequence[Task]
    """Tasks of the stage."""
    exemplars: Sequence[Example] = ()
    """Training examples to show with their answers."""
    briefing: Briefing = BRIEF
    rejections: Sequence[Rejection] = ()
    """The latest proposals that were rejected."""
    taken: frozenset[ExampleKey] = frozenset()
    """Examples that other requests of the step show."""
    directed: tuple[str, ...] = ()
    """Names of the directions that other requests of the step give."""
    part: str = ""
    """Name of the text that is rewritten; "" if it is the whole prompt."""
    lineage: Lineage = field(default_factory=Lineage)
    """The prompts that were proposed so far, and those that began a stage."""
    lessons: Sequence[Lesson] = ()
    """Sentences that seem to have helped on other tasks, from the best to the worst by evidence."""

    @property
    def clauses(self) -> Sequence[str]:
        """Sentences to add: lessons that the best prompt does not hold, or else those of the library."""
        return [lesson.sentence for lesson in self.untried] or self.library

    @property
    def untried(self) -> Sequence[Lesson]:
        """The lessons for the text that is rewritten which the best prompt does not hold."""
        held = self.parents[0].instruction if self.parents else ""
        here = [lesson for lesson in self.lessons if not lesson.text or lesson.text == self.part]
        return [lesson for lesson in here if lesson.sentence not in held]

    @property
    def texts(self) -> tuple[str, ...]:
        """Names of the texts of a prompt; () if a prompt is one text, or not the same texts in all tasks."""
        names = self.tasks[0].texts
        return names if len(names) > 1 and all(task.texts == names for task in self.tasks) else ()

    def focus(self, part: str) -> "Material":
        """Return the material for a draft that rewrites the text named `part` alone."""
        parents = [focused(parent, self.texts, part) for parent in self.parents]
        return replace(self, part=part, parents=parents)

    def after(self, shown: Sequence[ExampleKey], direction: str) -> "Material":
        """Return the material for the next request of the step, after one with these examples."""
        directed = (*self.directed, direction) if direction else self.directed
        return replace(self, taken=self.taken | set(shown), directed=directed)


def gather(
    request: ProposalsRequested,
    tasks: Mapping[str, Task],
    briefing: Briefing | None = None,
    lineage: Lineage | None = None,
    lessons: Sequence[Lesson] = (),
) -> Material:
    """Return the material for `request`; `tasks` holds the loaded tasks by name.

    Examples are looked up in train and dev alone, so that a test example is never shown.
    """
    wanted = [tasks[name] for name in request.tasks]
    examples = {(task.name, example.id): example for task in wanted for example in (*task.train, *task.dev)}
    return Material(
        parents=_parents(request.history, examples),
        library=seed_library().clauses_for(wanted),
        tasks=wanted,
        exemplars=request.exemplars,
        briefing=briefing or BRIEF,
        rejections=request.rejections,
        lineage=lineage or Lineage(),
        lessons=lessons,
    )


def focused(parent: Parent, names: Sequence[str], part: str) -> Parent:
    """Return a parent whose instruction is the text named `part`; as it is if it does not hold `names`."""
    texts = split_texts(parent.before + parent.instruction + parent.after, names)
    if texts is None:
        return parent
    before, _, after = join_texts({**texts, part: _PLACE}).partition(_PLACE)
    return replace(parent, before=before, instruction=texts[part], after=after)


def pick(parents: Sequence[Parent], random: Random) -> Parent:
    """Return one of n `parents`, sorted from the best, drawn with the weights n, n-1, ..., 1."""
    return random.choices(parents, weights=range(len(parents), 0, -1))[0]


def pick_two(parents: Sequence[Parent], random: Random) -> tuple[Parent, Parent]:
    """Return two good parents with different instructions. Pairs with few words in common are likelier.

    Prompts that were stopped early take part only if there are no two others, and the first of the pair has
    answered at least half as many examples as the best prompt.
    """
    running = [parent for parent in parents if not parent.stopped]
    parents = running if differ(running) else parents
    most = max(parent.examples for parent in parents)
    proven = [p for p in parents if 2 * p.examples >= most or p.leader]
    one = pick([p for p in proven if any(q.instruction != p.instruction for q in parents)], random)
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


def _parents(history: Sequence[HistoryEntry], examples: _Examples) -> list[Parent]:
    """Return the parents from the best to the worst, as the search ranks them."""
    if not history:
        return []
    leader = next((entry for entry in history if entry.leader), history[-1])
    found = [_parent(entry, leader, examples) for entry in reversed(history)]
    return [replace(parent, rank=rank) for rank, parent in enumerate(found, 1)]


def _parent(entry: HistoryEntry, leader: HistoryEntry, examples: _Examples) -> Parent:
    instruction, demonstrations = split_prompt(entry.text)
    # A gain on few examples is no proof: no prompt is shown as better than the best one.
    score = entry.score if entry.gain is None else leader.score + entry.gain
    return Parent(
        id=entry.candidate,
        instruction=instruction,
        demonstrations=demonstrations,
        score=max(0, min(score, leader.score)),
        examples=entry.examples,
        gain=entry.gain,
        shared=entry.shared,
        leader=entry is leader,
        stopped=entry.stopped,
        initial=entry.initial,
        operator=entry.operator,
        mistakes=_attempts(entry.failures, examples),
        successes=_attempts(entry.successes, examples),
        tallies=entry.tallies,
    )


def _attempts(entries: Sequence[Failure | Success], examples: _Examples) -> tuple[Attempt, ...]:
    named = [(entry, examples.get((entry.task, entry.example))) for entry in entries]
    return tuple(_attempt(entry, example) for entry, example in named if example is not None)


def _attempt(entry: Failure | Success, example: Example) -> Attempt:
    if isinstance(entry, Success):
        answered = example.answer if entry.answered is None else entry.answered
        return Attempt(example, answered, entry.task, value=1.0)
    return Attempt(
        example,
        entry.answered,
        entry.task,
        entry.value,
        entry.metrics,
        entry.output,
        entry.feedback,
        entry.trace,
    )
