"""The base of roles that may veto or amend prompts before they are scored or promoted."""

from dataclasses import dataclass
from typing import Any, ClassVar

from autogen_core import MessageContext, message_handler

from ...prompts.candidate import make_candidate
from ...prompts.task import Task
from ..messages import Message, Moment, ReviewGiven, ReviewRequested, TaskLoaded
from .base import NoReply, Role


@dataclass(frozen=True, slots=True)
class Veto:
    """A verdict that stops the prompt."""

    reason: str


@dataclass(frozen=True, slots=True)
class Amend:
    """A verdict that gives the prompt another text."""

    text: str
    reason: str = ""


class Reviewer(Role):
    """A role that is asked about each prompt before it is scored or promoted. A subclass defines `review`.

    Several reviewers are asked one after the other, in the order of the configuration. Each gets the prompt
    as the one before has left it, and a veto ends the reviews. A review whose call fails is a veto.
    """

    reviews: ClassVar[tuple[Moment, ...]] = ("admission",)
    """Moments of its reviews: before a candidate is scored, before a source prompt is promoted, or both."""
    says: ClassVar[tuple[type[Message], ...]] = (ReviewGiven,)

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.tasks: dict[str, Task] = {}
        """The tasks of the run, by name."""

    async def review(self, request: ReviewRequested) -> Veto | Amend | None:
        """Return the verdict on `request.candidate`; None lets it pass as it is."""
        raise NotImplementedError(f"{type(self).__name__} has no review().")

    async def ask_about(self, request: ReviewRequested) -> str:
        """Fill `prompt` with `candidate`, `tasks`, `standing` and `settings`; return the model's reply."""
        return await self.complete(
            f"{request.candidate.id}, {request.moment}",
            candidate=request.candidate,
            tasks=[self.tasks[name] for name in request.tasks],
            standing=request.standing,
            settings=self.settings,
        )

    @message_handler
    async def on_task_loaded(self, message: TaskLoaded, ctx: MessageContext) -> None:
        """Keep the task as `self.tasks[name]`."""
        self.tasks[message.task.name] = message.task

    @message_handler
    async def on_review_requested(self, message: ReviewRequested, ctx: MessageContext) -> None:
        """Review a prompt. Requests to other reviewers are ignored."""
        if message.reviewer != self.name:
            return
        try:
            verdict = await self.review(message)
        except NoReply as error:
            # A prompt that could not be reviewed must not pass for reviewed.
            verdict = Veto(f"it could not be reviewed: {error}")
        given = ReviewGiven(
            moment=message.moment, reviewer=self.name, candidate=message.candidate.id, verdict="passed"
        )
        if isinstance(verdict, Veto):
            given = given.model_copy(update={"verdict": "vetoed", "reason": verdict.reason})
        elif isinstance(verdict, Amend):
            amended = make_candidate(verdict.text, self.name, (message.candidate.id,))
            if amended.id != message.candidate.id:
                changes = {"verdict": "amended", "reason": verdict.reason, "amended": amended}
                given = given.model_copy(update=changes)
        elif verdict is not None:
            raise TypeError(
                f"review() of {self.name} returned {type(verdict).__name__}, not Veto, Amend or None."
            )
        await self.tell(given)
