"""A wording judge stepped by hand, whose model is a plain function."""

from collections.abc import Callable, Coroutine
from typing import Any, cast

from autogen_core import MessageContext

from transfer_prompting.agents.messages import (
    CallFailed,
    JudgementRequested,
    Message,
    PromptJudged,
    RunStarted,
    TaskLoaded,
)
from transfer_prompting.agents.models.base import Finish, ModelReply, ModelRequest
from transfer_prompting.agents.roles.base import Ask
from transfer_prompting.agents.roles.wording_judge import WordingJudge
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.agents.search.wording_settings import WordingSettings
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.prompts.task import Task

Answer = Callable[[ModelRequest], str | None]
"""Reply of the model, or None if the call fails."""
PROMPT = make_candidate("Say which shelf it is.", "initial")


class Stepped(WordingJudge):
    """A judge without a runtime. `judge` returns a verdict; `asked` has the requests to the model."""

    def __init__(
        self, task: Task, answer: Answer, seed: int = 1, finish: Finish = "stop", **judge: Any
    ) -> None:
        super().__init__(SearchSettings(wording=WordingSettings.model_validate(judge)))
        self._answer, self._finish, self._task = answer, finish, task
        self._said: list[Message] = []
        self.asked: list[ModelRequest] = []
        self._hear(
            RunStarted(
                name="r",
                seed=seed,
                config={},
                source_tasks=(),
                target_tasks=(task.name,),
                models={},
                versions={},
            )
        )
        self._hear(TaskLoaded(task=task, stage="target", origin="", digest=""))

    async def tell(self, message: Message) -> None:
        self._said.append(message)

    def judge(self, *dimensions: str, candidate: Candidate = PROMPT, step: int = 1) -> PromptJudged:
        """Return the verdict on the candidate in the named dimensions, or in all."""
        self._hear(
            JudgementRequested(
                stage="target",
                step=step,
                candidate=candidate,
                tasks=(self._task.name,),
                dimensions=dimensions or self._judging.names,
            )
        )
        verdict = self._said[-1]
        assert isinstance(verdict, PromptJudged)
        return verdict

    def _hear(self, message: Message) -> None:
        handling = cast(
            "Coroutine[Ask, list[ModelReply | CallFailed] | None, None]",
            self.on_message_impl(message, cast(MessageContext, None)),
        )
        replies: list[ModelReply | CallFailed] | None = None
        while True:
            try:
                ask = handling.send(replies)
            except StopIteration:
                return
            replies = [self._reply(request) for _, request in ask.requests]

    def _reply(self, request: ModelRequest) -> ModelReply | CallFailed:
        self.asked.append(request)
        text = self._answer(request)
        if text is None:
            return CallFailed(key="", cause="server_error", error="No.", attempts=4, final=True)
        return ModelReply(text=text, finish=self._finish, prompt_tokens=7, completion_tokens=2)
