"""Small material for the tests of the operators, and a reference agent stepped by hand."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, cast

from autogen_core import MessageContext

from transfer_prompting.agents.messages import (
    CallFailed,
    Failure,
    HistoryEntry,
    Message,
    ProposalsMade,
    ProposalsRequested,
    RunStarted,
    TaskLoaded,
)
from transfer_prompting.agents.messages.scores import TraceStep
from transfer_prompting.agents.models.base import ModelReply, ModelRequest
from transfer_prompting.agents.operators.lineage import Lineage
from transfer_prompting.agents.operators.material import Attempt, Material, Parent
from transfer_prompting.agents.roles.base import Ask
from transfer_prompting.agents.roles.reference import Reference
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.prompts.candidate import candidate_id, make_candidate
from transfer_prompting.prompts.demonstrations import split_prompt, with_demonstrations
from transfer_prompting.prompts.named_texts import join_texts
from transfer_prompting.prompts.program import ProgramSettings
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

TRAIN = tuple(
    Example(id=f"train-{n}", question=f"Where does number {n} belong?", answer=answer)
    for n, answer in enumerate("ababcc")
)
DEV = tuple(
    Example(id=f"dev-{n}", question=f"Which shelf is right for parcel {n}?", answer=answer)
    for n, answer in enumerate("abcabcabc")
)
CLAUSES = ("Think first.", "Take care!", "Be brief.")
SHOWING = with_demonstrations("Look at the examples. Answer.", TRAIN[:2])
PROMPTS = (
    "Read the text with care, and then answer with a single one of the words: one word. Do not explain.",
    SHOWING,
    "Answer the question.",
)
"""Prompts, from the best to the worst."""
Answer = Callable[[ModelRequest], str | None]
"""Reply of the model, or None if the call fails."""


def toy_task(name: str = "toy", labels: tuple[str, ...] = ("a", "b", "c")) -> Task:
    """Return a task with three labels, or with open answers if there are none."""
    return Task(
        name=name,
        description="Sort the letters.",
        answer=AnswerFormat(type="label" if labels else "text", labels=labels),
        initial_prompts=("Answer.",),
        train=TRAIN,
        dev=DEV,
        test=(Example(id="test-0", question="What lies in the secret drawer?", answer="a"),),
    )


def parent(text: str, score: int = 50, mistakes: Sequence[Attempt] = ()) -> Parent:
    """Return a prompt as operators see it."""
    return Parent(candidate_id(text), *split_prompt(text), score=score, mistakes=tuple(mistakes))


def mistakes(answered: str | None = None, count: int = 9) -> list[Attempt]:
    """Return development examples that were answered with `answered`."""
    return [Attempt(example, answered, "toy") for example in DEV[:count]]


def material(*texts: str, tasks: int = 1, wrong: Sequence[Attempt] = ()) -> Material:
    """Return material of the given prompts, the first of which made the mistakes `wrong`."""
    parents = [parent(text, 90 - n, wrong if n == 0 else ()) for n, text in enumerate(texts or PROMPTS)]
    return Material(parents, CLAUSES, [toy_task(f"toy-{n}") for n in range(tasks)], TRAIN[:2])


def system_prompt(retrieve: str = "Find the shelf.", answer: str = "Name the shelf.") -> str:
    """Return a prompt of the two texts of `system_task`."""
    return join_texts({"retrieve": retrieve, "answer": answer})


def system_task(*, program: bool = True) -> Task:
    """Return the toy task with a prompt of two texts, for a program or for one request."""
    return toy_task().model_copy(
        update={
            "texts": ("retrieve", "answer"),
            "initial_prompts": (system_prompt(),),
            "program": ProgramSettings(use="shelves.py:run") if program else None,
        }
    )


def step(*texts: str, asked: str = "Which shelf?", reply: str = "Shelf b.", error: str = "") -> TraceStep:
    """Return a step of a program that rests on `texts`."""
    return TraceStep(texts=texts, model="scorer", asked=asked, reply=reply, error=error, tokens=9)


def failed(example: int, *steps: TraceStep, value: float = 0.0) -> Attempt:
    """Return a failure of the toy task with its trace."""
    return Attempt(DEV[example], "b", "toy", value, output="Shelf b.", trace=steps)


def system_material(wrong: Sequence[Attempt] = (), *, program: bool = True) -> Material:
    """Return material of the initial prompt of `system_task` and of two that have changed one text each.

    The first, which ranks highest, has changed "answer" and made the mistakes `wrong`.
    """
    first, *changed = (
        make_candidate(system_prompt(), "initial"),
        make_candidate(system_prompt(answer="Name the shelf in one letter, and nothing else."), "reflection"),
        make_candidate(system_prompt("Find the shelf by its number, please."), "reflection"),
    )
    origins = [first, *(one.model_copy(update={"parents": (first.id,)}) for one in changed)]
    ranked = [origins[1], origins[2], origins[0]]
    parents = [
        replace(parent(one.text, 90 - rank, wrong if rank == 1 else ()), rank=rank, examples=9)
        for rank, one in enumerate(ranked, 1)
    ]
    return Material(parents, CLAUSES, [system_task(program=program)], TRAIN[:2], lineage=Lineage(origins))


def entry(text: str, score: int, failures: Sequence[Failure] = ()) -> HistoryEntry:
    """Return a line of the history."""
    return HistoryEntry(
        candidate=candidate_id(text), text=text, score=score, examples=9, failures=tuple(failures)
    )


def request(step: int, history: Sequence[HistoryEntry], count: int = 8) -> ProposalsRequested:
    """Return the curator's request for proposals on the task "toy"."""
    return ProposalsRequested(
        stage="target",
        step=step,
        count=count,
        tasks=("toy",),
        history=tuple(history),
        exemplars=TRAIN[:2],
    )


class Stepped(Reference):
    """A reference agent without a runtime: `hear` delivers a message and returns the agent's messages."""

    def __init__(self, answer: Answer, seed: int = 1, **options: Any) -> None:
        super().__init__(SearchSettings(**options))
        self._answer = answer
        self._said: list[Message] = []
        self.asked: list[list[ModelRequest]] = []
        self.hear(
            RunStarted(
                name="r", seed=seed, config={}, source_tasks=(), target_tasks=("toy",), models={}, versions={}
            )
        )
        self.hear(TaskLoaded(task=toy_task(), stage="target", origin="", digest=""))

    async def tell(self, message: Message) -> None:
        self._said.append(message)

    def hear(self, *messages: Message) -> list[Message]:
        """Return all replies to the messages, each of which is delivered while earlier ones wait.

        A question to the model waits until all messages were delivered; then each is answered in turn.
        """
        self._said = []
        waiting = []
        for message in messages:
            handling = cast(
                "Coroutine[Ask, list[ModelReply | CallFailed] | None, None]",
                self.on_message_impl(message, cast(MessageContext, None)),
            )
            if (ask := _step(handling, None)) is not None:
                waiting.append((handling, ask))
        while waiting:
            handling, asked = waiting.pop(0)
            if (ask := _step(handling, self._replies(asked))) is not None:
                waiting.append((handling, ask))
        return self._said

    def propose(self, request: ProposalsRequested) -> ProposalsMade:
        """Return the proposals for one request, which always come last."""
        made = self.hear(request)[-1]
        assert isinstance(made, ProposalsMade)
        return made

    def _replies(self, ask: Ask) -> list[ModelReply | CallFailed]:
        self.asked.append([request for _, request in ask.requests])
        return [_outcome(self._answer(request)) for request in self.asked[-1]]


def _outcome(text: str | None) -> ModelReply | CallFailed:
    if text is None:
        return CallFailed(key="", cause="server_error", error="No.", attempts=4, final=True)
    return ModelReply(text=text, finish="stop", prompt_tokens=7, completion_tokens=3)


def _step(
    handling: Coroutine[Ask, list[ModelReply | CallFailed] | None, None],
    replies: list[ModelReply | CallFailed] | None,
) -> Ask | None:
    """Go on to the next question, or to the end."""
    try:
        return handling.send(replies)
    except StopIteration:
        return None
