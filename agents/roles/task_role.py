"""The base of the roles that work on the tasks of a run."""

from autogen_core import MessageContext, message_handler

from ...prompts.task import Task
from ..messages import RunStarted, TaskLoaded
from ..search.settings import SearchSettings
from .base import Role


class TaskRole(Role):
    """A role that knows the settings of the search, and learns as a run begins its seed and its tasks.

    A subclass that does more with either message overrides `begin` or `learn`.
    """

    def __init__(self, description: str, settings: SearchSettings) -> None:
        super().__init__(settings, description)
        self._settings = settings
        self._seed = 0
        self._tasks: dict[str, Task] = {}
        """By name."""

    @message_handler
    async def on_start(self, message: RunStarted, ctx: MessageContext) -> None:
        """Learn the seed."""
        self._seed = message.seed
        await self.begin(message)

    @message_handler
    async def on_task(self, message: TaskLoaded, ctx: MessageContext) -> None:
        """Keep the task at hand."""
        self._tasks[message.task.name] = message.task
        await self.learn(message)

    async def begin(self, message: RunStarted) -> None:
        """What else to do as the run begins."""

    async def learn(self, message: TaskLoaded) -> None:
        """What else to do with a task."""
