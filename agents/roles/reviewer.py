"""The base of a role that may hold prompts back, or change them, before they go any further."""

from dataclasses import dataclass
from typing import Any, ClassVar

from autogen_core import MessageContext, message_handler

from ...prompts.candidate import make_candidate
from ...prompts.task import Task
from ..messages import Message, Moment, ReviewGiven, ReviewRequested, TaskLoaded
from .base import NoReply, Role


@dataclass(frozen=True, slots=True)
class Veto:
    """The prompt does not go on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Amend:
    """The prompt goes on with another text."""

    text: str
    reason: str = ""


class Reviewer(Role):
    """Is asked about each prompt before it is scored or promoted; a subclass says what it thinks in `review`.

    Several reviewers are asked one after the other, in the order of the configuration: each sees what the one
    before has made of the prompt, and after a veto nobody else is asked. A review whose call fails is a veto.
    """

    reviews: ClassVar[tuple[Moment, ...]] = ("admission",)
    """When it is asked: before a candidate is scored, before a source prompt is promoted, or both."""
    says: ClassVar[tuple[type[Message], ...]] = (ReviewGiven,)

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self.tasks: dict[str, Task] = {}

    async def review(self, request: ReviewRequested) -> Veto | Amend | None:
        """What becomes of `request.candidate`; None lets it pass as it is."""
        raise NotImplementedError(f"{type(self).__name__} has no review().")

    async def ask_about(self, request: ReviewRequested) -> str:
        """Fill `prompt` with `candidate`, `tasks`, `standing` and `settings`; returns the model's reply."""
        return await self.complete(
            f"{request.candidate.id}, {request.moment}",
            candidate=request.candidate,
            tasks=[self.tasks[name] for name in request.tasks],
            standing=request.standing,
            settings=self.settings,
        )

    @message_handler
    async def on_task_loaded(self, message: TaskLoaded, ctx: MessageContext) -> None:
        """Keep the task at hand, as `self.tasks[name]`."""
        self.tasks[message.task.name] = message.task

    @message_handler
    async def on_review_requested(self, message: ReviewRequested, ctx: MessageContext) -> None:
        """Give the asked-for word; requests to other reviewers are none of its business."""
        if message.reviewer != self.name:
            return
        try:
            word = await self.review(message)
        except NoReply as error:
            # What could not be looked at must not pass for looked at.
            word = Veto(f"it could not be reviewed: {error}")
        given = ReviewGiven(
            moment=message.moment, reviewer=self.name, candidate=message.candidate.id, verdict="passed"
        )
        if isinstance(word, Veto):
            given = given.model_copy(update={"verdict": "vetoed", "reason": word.reason})
        elif isinstance(word, Amend):
            amended = make_candidate(word.text, self.name, (message.candidate.id,))
            if amended.id != message.candidate.id:
                changes = {"verdict": "amended", "reason": word.reason, "amended": amended}
                given = given.model_copy(update=changes)
        elif word is not None:
            raise TypeError(
                f"review() of {self.name} returned {type(word).__name__}, not Veto, Amend or None."
            )
        await self.tell(given)
