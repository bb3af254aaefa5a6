"""Any AgentChat agent as a role, whose model calls and tool calls are calls of the run."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from autogen_agentchat.base import ChatAgent
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient
from autogen_core.tools import BaseTool

from ...storage.errors import TransferPromptingError
from ..messages import CallFailed
from ..models.base import Model
from ..roles.base import NoReply, Role
from .deterministic_loop import DeterministicLoop
from .pending_calls import JournalledClient, JournalledTool, PendingCall, PendingCalls
from .tools import ToolModel, as_tools

TOOLS = "tools"
"""The tools of the role NAME are called as the model NAME.tools."""


class Unjournalled(TransferPromptingError, RuntimeError):
    """An AgentChat agent waits for an event that the log does not contain."""


class AgentChatRole(Role):
    """A role that lets an AgentChat agent answer. A subclass has handlers that call `chat`.

    Each `chat` creates a new agent with `make_agent`, because handlers are interleaved and an agent cannot
    serve several of them. The agent's client calls this role's model, and the run executes the `tools`: both
    are journalled, so a replay needs neither. A tool that the agent is given in any other way runs again in
    each replay, which is correct only for functions that always return the same.
    """

    tools: ClassVar[Sequence[Any]] = ()
    """Functions, or AutoGen's tools, that the agent may call. Their results are journalled."""

    def make_agent(self, client: ChatCompletionClient, tools: list[BaseTool[Any, Any]]) -> ChatAgent:
        """Return a new agent that uses this client and these tools. A subclass must override it."""
        raise NotImplementedError(f"{type(self).__name__} has no make_agent().")

    async def chat(self, task: str, about: str = "") -> str:
        """Return the text of the agent's answer to `task`. The log describes its calls by `about`.

        Raises the agent's own errors, and `Unjournalled` if it waits for a clock, a socket or the like.
        """
        loop = DeterministicLoop()
        calls = PendingCalls(loop)
        answer = None
        try:
            tools: list[BaseTool[Any, Any]] = [JournalledTool(tool, calls) for tool in as_tools(self.tools)]
            agent = self.make_agent(JournalledClient(calls), tools)
            answer = loop.start(_answer(agent, task))
            loop.run_until_idle()
            while not answer.done():
                if not (pending := calls.take()):
                    raise Unjournalled(
                        f"The agent of {self.name} waits for something that is neither its model nor one of "
                        "its tools. Move the use of a clock or a socket into a function of `tools`."
                    )
                await self._resolve(pending, about)
                loop.run_until_idle()
            return answer.result()
        finally:
            loop.finish(answer)

    async def _resolve(self, pending: list[PendingCall], about: str) -> None:
        """Send the calls of the model, then those of the tools, and give the agent their replies."""
        for model in (self.name, f"{self.name}.{TOOLS}"):
            calls = [call for call in pending if bool(call.tool) == (model != self.name)]
            replies = await self.ask([(call.describe(about), call.request) for call in calls], model=model)
            for call, reply in zip(calls, replies, strict=True):
                if isinstance(reply, CallFailed):
                    call.reply.set_exception(NoReply(reply))
                else:
                    call.reply.set_result(reply)

    @classmethod
    def asks_model(cls) -> bool:
        """Return True: the agent calls a model."""
        return True

    @classmethod
    def own_models(cls, name: str, settings: Any) -> Mapping[str, Model]:
        """Return the tools as the model NAME.tools, or nothing if there are none."""
        return {f"{name}.{TOOLS}": ToolModel(name, as_tools(cls.tools))} if cls.tools else {}


async def _answer(agent: ChatAgent, task: str) -> str:
    response = await agent.on_messages([TextMessage(content=task, source="user")], CancellationToken())
    message = response.chat_message
    return message.to_text() if isinstance(message, BaseChatMessage) else str(message)
