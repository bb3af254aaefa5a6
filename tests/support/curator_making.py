"""A curator stepped by hand: plain functions answer its requests, in any order."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar, cast

from autogen_core import MessageContext

from transfer_prompting.agents.messages import (
    MergeMade,
    MergeRequested,
    Message,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    RunStarted,
    ScoringRequested,
    Stage,
    TaskLoaded,
)
from transfer_prompting.agents.messages.scores import Measure, Outcome, Score
from transfer_prompting.agents.roles.curator import Curator
from transfer_prompting.agents.scoring.intervals import wilson
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.task import AnswerFormat, Example, Split, Task

Kind = TypeVar("Kind", bound=Message)
Judge = Callable[[str, str], bool]
"""Maps a prompt's text and an example's id to whether the answer is right, or in the demanded format."""
ANSWER, PROPOSAL = (40, 10), (2000, 300)
"""Tokens of prompt and reply, of an answer to an example or of all proposals of a step."""
Propose = Callable[[ProposalsRequested], Sequence[str]]


def task(name: str, dev: int = 60, test: int = 8, prompts: Sequence[str] = ("Answer.", "Say it.")) -> Task:
    """Return a task with `dev` development and `test` test examples."""

    def rows(split: str, count: int) -> tuple[Example, ...]:
        return tuple(Example(id=f"{split}-{n}", question=f"{n}?", answer="x") for n in range(count))

    return Task(
        name=name,
        description="Answer.",
        answer=AnswerFormat(type="text"),
        initial_prompts=tuple(prompts),
        train=rows("train", 4),
        dev=rows("dev", dev),
        test=rows("test", test),
    )


def search_settings(steps: int = 2, patience: int = 3, **options: Any) -> SearchSettings:
    """Return settings with three proposals per step and without the library of seed prompts."""
    stage = {"steps": steps, "candidates": 3, "patience": patience}
    return SearchSettings(**{"seed_prompts": False, "source": stage, "target": stage, **options})


def share(text: str, example: str) -> bool:
    """Answer rightly on the share of examples that the prompt names, such as "0.7", else on half of them."""
    part = next((float(word) for word in text.split() if word.startswith("0.")), 0.5)
    return Random(f"{text}/{example}").random() < part


def always(_text: str, _example: str) -> bool:
    """Keep the format in every reply."""
    return True


def never(_text: str, _example: str) -> bool:
    """Let no call fail."""
    return False


def new_ones(request: ProposalsRequested) -> list[str]:
    """Propose three new prompts, better and worse than the initial ones."""
    return [f"Rule {request.stage} {request.step} is 0.{tenths}" for tenths in (2, 5, 8)]


class Led(Curator):
    """A curator without a runtime: `hear` delivers a message and returns the curator's messages."""

    def __init__(self, settings: SearchSettings) -> None:
        super().__init__(settings)
        self.said: list[Message] = []

    async def tell(self, message: Message) -> None:
        self.said.append(message)

    def hear(self, message: Message) -> list[Message]:
        """Return what the curator says to the message."""
        before = len(self.said)
        try:
            self.on_message_impl(message, cast(MessageContext, None)).send(None)
        except StopIteration:
            return self.said[before:]
        raise AssertionError("the curator has waited for something")


class Search:
    """A whole run: the tasks, a scorer and a reference agent.

    `arrival` shuffles the order of the scores. `merged` is how rules are worded, if they are.
    """

    def __init__(
        self,
        settings: SearchSettings,
        *,
        right: Judge = share,
        followed: Judge = always,
        propose: Propose = new_ones,
        fails: Judge = never,
        sources: Sequence[Task] = (),
        target: Task | None = None,
        arrival: int | None = None,
        merged: str = "",
    ) -> None:
        self.curator = Led(settings)
        self.requests: list[ScoringRequested] = []
        self._right, self._followed, self._propose, self._fails = right, followed, propose, fails
        self._merged = merged
        self._tasks: dict[Stage, Sequence[Task]] = {"source": sources, "target": [target or task("far")]}
        self._random = Random(arrival) if arrival is not None else None
        self._answered: dict[tuple[Stage, str, str, Split], list[Outcome]] = defaultdict(list)

    def open(self) -> list[Message]:
        """Start the run; return what the curator says to the last task."""
        names = tuple(task.name for task in self._tasks["source"])
        self.curator.hear(
            RunStarted(
                name="r", seed=1, config={}, source_tasks=names, target_tasks=("far",), models={}, versions={}
            )
        )
        said: list[Message] = []
        for stage, tasks in self._tasks.items():
            for one in tasks:
                said = self.curator.hear(TaskLoaded(task=one, stage=stage, origin="", digest=""))
        return said

    def play(self) -> list[Message]:
        """Run to the end; return all that the curator has said."""
        waiting = self.open()
        while waiting:
            message = self._random.choice(waiting) if self._random else waiting[0]
            # Scores of one prompt, and proposals, arrive in the order of their requests.
            message = next(one for one in waiting if _of_one_kind(one, message))
            waiting.remove(message)
            if (answer := self.answer(message)) is not None:
                waiting += self.curator.hear(answer)
        return self.curator.said

    def answer(self, message: Message) -> Message | None:
        """Return what the scorer or the reference agent says to a message."""
        match message:
            case ScoringRequested():
                self.requests.append(message)
                return self._score(message)
            case ProposalsRequested():
                made = tuple(make_candidate(text, "history") for text in self._propose(message))
                return ProposalsMade(
                    stage=message.stage,
                    step=message.step,
                    candidates=made,
                    prompt_tokens=PROPOSAL[0],
                    completion_tokens=PROPOSAL[1],
                )
            case MergeRequested():
                made_of_rules = make_candidate(self._merged, "merged", message.edited.parents)
                return MergeMade(
                    into=message.into,
                    candidate=made_of_rules if self._merged else None,
                    prompt_tokens=PROPOSAL[0],
                    completion_tokens=PROPOSAL[1],
                )
        return None

    def _score(self, message: ScoringRequested) -> PromptScored:
        text = message.candidate.text
        excluded = tuple(id_ for id_ in message.examples if self._fails(text, id_))
        new = tuple(
            Outcome(
                example=id_,
                answer="x" if self._followed(text, id_) else None,
                correct=self._followed(text, id_) and self._right(text, id_),
                followed=self._followed(text, id_),
                confidence=None,
            )
            for id_ in message.examples
            if id_ not in excluded
        )
        outcomes = self._answered[message.stage, message.candidate.id, message.task, message.split]
        outcomes += new
        n = len(outcomes)
        accuracy = sum(outcome.correct for outcome in outcomes) / max(n, 1)
        followed = sum(bool(outcome.followed) for outcome in outcomes) / max(n, 1)
        measures = {"accuracy": _measured(accuracy, n), "ifr": _measured(followed, n)}
        return PromptScored(
            **message.model_dump(include={"stage", "step", "purpose", "task", "split"}),
            candidate=message.candidate.id,
            score=Score(composite=accuracy, measures=measures),
            outcomes=new,
            excluded=excluded,
            prompt_tokens=ANSWER[0] * len(new),
            completion_tokens=ANSWER[1] * len(new),
        )


def _of_one_kind(one: Message, other: Message) -> bool:
    if isinstance(one, ScoringRequested) and isinstance(other, ScoringRequested):
        return (one.candidate, one.task, one.purpose) == (other.candidate, other.task, other.purpose)
    return one is other or (isinstance(one, ProposalsRequested) and isinstance(other, ProposalsRequested))


def _measured(value: float, n: int) -> Measure:
    low, high = wilson(value, n)
    return Measure(value=value, n=n, low=low, high=high)


def of(kind: type[Kind], said: Sequence[Message]) -> list[Kind]:
    """Return the messages of one kind."""
    return [message for message in said if isinstance(message, kind)]
