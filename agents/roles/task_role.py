"""The base of the roles that work on the tasks of a run."""

from autogen_core import MessageContext, message_handler

from ...prompts.task import Task
from ..messages import RunStarted, TaskLoaded
from ..search.settings import SearchSettings
from .base import Role


class TaskRole(Role):
    """A role that has the settings of the search, and gets the seed and the tasks as a run begins.

    A subclass overrides `begin` or `learn` to do more with these messages.
    """

    def __init__(self, description: str, settings: SearchSettings) -> None:
        super().__init__(settings, description)
        self._settings = settings
        self._seed = 0
        self._tasks: dict[str, Task] = {}
        """The tasks of the run, by name."""

    @message_handler
    async def on_start(self, message: RunStarted, ctx: MessageContext) -> None:
        """Keep the seed."""
        self._seed = message.seed
        await self.begin(message)

    @message_handler
    async def on_task(self, message: TaskLoaded, ctx: MessageContext) -> None:
        """Keep the task."""
        self._tasks[message.task.name] = message.task
        await self.learn(message)

    async def begin(self, message: RunStarted) -> None:
        """Do more as the run begins."""

    async def learn(self, message: TaskLoaded) -> None:
        """Do more with a task."""
