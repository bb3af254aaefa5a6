"""The wording of a prompt and of rules from elsewhere as one instruction.

Rules come from different prompts: they overlap, repeat the prompt, or contradict each other. If the reference
agent's model can write, it is asked to join them. Otherwise, and if its reply cannot be used, they are added
to the prompt as they are.
"""

from collections.abc import Awaitable, Callable, Sequence

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.demonstrations import split_prompt, without_demonstrations
from ...prompts.integrity import breach_of, marks
from ...prompts.reading.doubts import without_doubts
from ...prompts.reading.proposals import Unparsed, read_proposal
from ...prompts.rendering import render
from ...prompts.task import Task
from ..experience.lessons import Lesson
from ..messages import CallFailed, MergeMade, MergeRequested, Spent, Stage
from ..models.base import ModelReply
from ..operators.base import Writer
from ..operators.briefing import Briefing
from ..operators.library import OPERATORS
from ..operators.shown_system import ShownSystem
from ..operators.tried import Tried
from .settings import SearchSettings
from .step_scheduler import StepScheduler

_FEWEST = 2
"""Fewest rules that need a wording."""
_ATTEMPTS = 2
"""Most requests for one merged prompt."""
_LEAST_WORDS = 40
"""Most words of a merged instruction, if the sentences that it is made from have fewer."""


Answer = ModelReply | CallFailed


async def worded(
    edited: Candidate,
    rules: Sequence[Lesson],
    target: Task,
    stage: Stage,
    settings: SearchSettings,
    scheduler: StepScheduler,
) -> tuple[Candidate, Spent]:
    """Return a prompt that says the same as `edited`, the target's own prompt with `rules`, and its cost."""
    if not words_rules(settings) or len(rules) < _FEWEST or len(target.texts) > 1:
        return edited, Spent()
    own = make_candidate(target.initial_prompts[0], "initial")
    question = MergeRequested(into=stage, task=target.name, own=own, edited=edited, rules=tuple(rules))
    [made] = await scheduler.ask([question])
    assert isinstance(made, MergeMade)
    return made.candidate or edited, Spent(proposals=made.prompt_tokens + made.completion_tokens)


async def merge(
    request: MergeRequested, task: Task, briefing: Briefing, ask: Callable[[str, int], Awaitable[Answer]]
) -> MergeMade:
    """Ask a model for the merged prompt, and once more if its reply cannot be used; return the answer.

    `ask` takes the question and the number of the attempt, from 0.
    """
    text = question = _question(request, task, briefing)
    replies: list[ModelReply] = []
    made, reason = None, ""
    for attempt in range(_ATTEMPTS):
        reply = await ask(question, attempt)
        if isinstance(reply, CallFailed):
            reason = f"the call failed ({reply.cause})"
            break
        replies.append(reply)
        try:
            made, reason = _read(reply.text, request, task, briefing.characters), ""
            break
        except Unparsed as error:
            reason = str(error)
            question = render("again", text=text, reason=reason)
    return MergeMade(
        into=request.into,
        candidate=made,
        reason=reason,
        prompt_tokens=sum(reply.prompt_tokens for reply in replies),
        completion_tokens=sum(reply.completion_tokens for reply in replies),
    )


def _question(request: MergeRequested, task: Task, briefing: Briefing) -> str:
    """Return the question to the model."""
    instruction, _ = split_prompt(request.own.text)
    size = len(instruction.split()) + sum(len(rule.sentence.split()) for rule in request.rules)
    return render(
        "merge_rules",
        tasks=[task],
        briefing=briefing,
        own=instruction,
        rules=request.rules,
        words=max(_LEAST_WORDS, size),
        system=ShownSystem(False, "", (), (), marks(instruction, program=bool(task.program))),
        tried=Tried(),
        direction=None,
        numbered=False,
    )


def _read(reply: str, request: MergeRequested, task: Task, characters: int) -> Candidate:
    """Return the merged prompt in a reply, with the demonstrations of the own one.

    Raises `Unparsed` if there is none, or if it is too long or breaks the contract of the task.
    """
    read = read_proposal(without_doubts(reply), marked=True, characters=characters)
    text = without_demonstrations(read) + split_prompt(request.own.text)[1]
    if len(text) > characters:
        raise Unparsed(f"it has {len(text)} characters, at most {characters} are allowed")
    if breach := breach_of(task, text):
        raise Unparsed(breach)
    made = make_candidate(text, request.edited.operator, request.edited.parents)
    if made.id == request.own.id:
        raise Unparsed("it holds none of the rules")
    return made


def words_rules(settings: SearchSettings) -> bool:
    """Return whether the reference agent's model is asked: it writes prompts, and can use a long request."""
    return settings.full_briefing and any(isinstance(OPERATORS[name], Writer) for name in settings.operators)
