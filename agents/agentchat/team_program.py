"""Any AgentChat team, or a single agent, as a program whose system messages are optimised."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from autogen_agentchat.base import ChatAgent, TaskResult, Team
from autogen_agentchat.messages import BaseChatMessage
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient

from ..models.base import ModelReply
from ..programs.base import Ask
from ..programs.failure import ProgramFailed
from .asking_client import AskingClient
from .speaker import follow
from .team_texts import TeamTexts, parts_of, running_tasks

_MARK = re.compile(r"\s*\bTERMINATE\b[\s.!*\"'`]*$")
_PAUSE = 0.05
"""Seconds between two attempts to end a team that is cancelled."""
_ATTEMPTS = 100

# AutoGen logs each error of an agent, which the execution raises anyway. Without a handler of the user's own,
# Python would print it in the middle of the live view.
for _name in ("autogen_core", "autogen_agentchat"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


class AgentChatProgram:
    """Runs a new team, or agent, of `make_team(client)` for each row, so that no state is shared.

    `task` is the column that the team is given, or a function of the row that returns what `Team.run` takes.
    `output` turns the team's result into the output; by default it is the last text, without the mark
    TERMINATE. All agents ask the model of `role`.
    """

    def __init__(
        self,
        make_team: Callable[[ChatCompletionClient], Team | ChatAgent],
        task: str | Callable[[Mapping[str, Any]], Any] = "question",
        output: Callable[[TaskResult], Any] | None = None,
        *,
        role: str = "scorer",
    ) -> None:
        self._make_team = make_team
        self._task = task
        self._output = output or last_text
        self._role = role

    @cached_property
    def texts(self) -> dict[str, str]:
        """Name -> text: system messages and descriptions as the user's function writes them."""
        try:
            return TeamTexts(self._make_team(AskingClient(_NoAsk(), self._role))).read()
        except AttributeError as error:
            # As such it would read as if a program had no attribute `texts`.
            raise ProgramFailed(f"make_team raised AttributeError: {error}.") from error

    async def run(self, example: Mapping[str, Any], prompts: Mapping[str, str], ask: Ask) -> Any:
        """Return the output of a new team. Raise the first failed call if the team fails on it."""
        client = AskingClient(ask, self._role)
        team = self._make_team(client)
        client.texts = TeamTexts(team)
        client.texts.write(prompts)
        for part in parts_of(team):
            if isinstance(part, ChatAgent):
                follow(part, ask.note)
        try:
            return self._output(await _result_of(team, self._task_of(example)))
        except Exception as error:
            if client.failure is not None and error is not client.failure:
                raise client.failure from error
            raise

    def _task_of(self, example: Mapping[str, Any]) -> Any:
        if callable(self._task):
            return self._task(example)
        if self._task not in example:
            raise ProgramFailed(
                f"The team's task is the column {self._task!r}, but the program is given "
                f"{', '.join(example)}. Add it to `inputs`, or name another column as `task`."
            )
        return str(example[self._task])


def last_text(result: TaskResult) -> str:
    """Return the last text of an agent, without a mark of its end. Raise `ProgramFailed` if there is none."""
    for message in reversed(result.messages):
        if isinstance(message, BaseChatMessage) and message.source != "user":
            text = _MARK.sub("", message.to_text()).strip()
            if text:
                return text
    raise ProgramFailed(f"The team ended without a text ({result.stop_reason or 'no reason given'}).")


async def _result_of(team: Team | ChatAgent, task: Any) -> TaskResult:
    token = CancellationToken()
    running = asyncio.ensure_future(team.run(task=task, cancellation_token=token))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        token.cancel()
        await _end(team, running)
        raise


async def _end(team: Team | ChatAgent, running: asyncio.Future[Any]) -> None:
    """End a team whatever its agents wait for: AutoGen waits for a tool that ignores its token."""
    for _ in range(_ATTEMPTS):
        for part in parts_of(team):
            for task in running_tasks(part) if isinstance(part, Team) else ():
                task.cancel()
        running.cancel()
        await asyncio.wait([running], timeout=_PAUSE)
        if running.done():
            break


class _NoAsk:
    """The `Ask` of a team that is only looked at."""

    async def __call__(self, role: str, messages: Any, **options: Any) -> ModelReply:
        raise ProgramFailed("The function that makes a team must not ask its model.")

    def note(self, what: str, content: str, *, text: str | Sequence[str] = ()) -> None:
        """Do nothing: there is no trace."""
