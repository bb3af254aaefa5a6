"""Any AgentChat agent as a role: its model calls and its tools are calls of the run."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from autogen_agentchat.base import ChatAgent
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient
from autogen_core.tools import BaseTool, FunctionTool

from ...storage.errors import TransferPromptingError
from ..messages import CallFailed
from ..models.base import ChatMessage, Model, ModelReply, ModelRequest
from ..roles.base import NoReply, Role
from .client import RequestClient
from .deterministic_loop import DeterministicLoop, begin
from .tools import ToolModel, as_tools, tool_request

TOOLS = "tools"
"""The tools of the role NAME are asked as the model NAME.tools."""


class Unjournalled(TransferPromptingError, RuntimeError):
    """An AgentChat agent waits for something that the log knows nothing of."""


class AgentChatRole(Role):
    """A role whose thinking is done by an AgentChat agent. A subclass has handlers that call `chat`.

    Each `chat` makes a new agent (`make_agent`), since handlers are interleaved and an agent is not made for
    that. The agent's client asks this role's model, and its tools are those of `tools`, used outside: both
    are journalled, so a replay needs neither. A tool that is given to the agent in another way runs again in
    each replay; that is right only for functions that always return the same.
    """

    tools: ClassVar[Sequence[Any]] = ()
    """Functions, or AutoGen's tools, that the agent may use. What they return is in the log."""

    def make_agent(self, client: ChatCompletionClient, tools: list[BaseTool[Any, Any]]) -> ChatAgent:
        """The agent, with this client and these tools."""
        raise NotImplementedError(f"{type(self).__name__} has no make_agent().")

    async def chat(self, task: str, about: str = "") -> str:
        """Let the agent answer `task`; returns the text of its answer. `about` is for the log.

        Raises what the agent raises, and `Unjournalled` where it waits for a clock, a socket or the like.
        """
        loop = DeterministicLoop()
        desk = _Desk(loop)
        work = None
        try:
            agent = self.make_agent(_Client(desk), [_Asking(tool, desk) for tool in as_tools(self.tools)])
            work = begin(loop, _answer(agent, task))
            loop.run_until_idle()
            while not work.done():
                if not (asked := desk.take()):
                    raise Unjournalled(
                        f"The agent of {self.name} waits for something that is neither its model nor one of "
                        "its tools. A clock or a socket belongs into a tool of `tools`."
                    )
                await self._put(asked, about)
                loop.run_until_idle()
            return work.result()
        finally:
            loop.finish(work)

    async def _put(self, asked: "list[_Question]", about: str) -> None:
        """Ask what the agent asks, its model and its tools apart, and hand it the replies."""
        for model in (self.name, f"{self.name}.{TOOLS}"):
            questions = [question for question in asked if question.is_tool == (model != self.name)]
            replies = await self.ask([(q.told(about), q.request) for q in questions], model=model)
            for question, reply in zip(questions, replies, strict=True):
                if isinstance(reply, CallFailed):
                    question.reply.set_exception(NoReply(reply))
                else:
                    question.reply.set_result(reply)

    @classmethod
    def asks_model(cls) -> bool:
        """An agent has a model."""
        return True

    @classmethod
    def own_models(cls, name: str, settings: Any) -> Mapping[str, Model]:
        """The tools."""
        return {f"{name}.{TOOLS}": ToolModel(name, as_tools(cls.tools))} if cls.tools else {}


async def _answer(agent: ChatAgent, task: str) -> str:
    response = await agent.on_messages([TextMessage(content=task, source="user")], CancellationToken())
    message = response.chat_message
    return message.to_text() if isinstance(message, BaseChatMessage) else str(message)


class _Question:
    def __init__(self, loop: DeterministicLoop, request: ModelRequest, tool: str) -> None:
        self.request = request
        self.tool = tool
        self.reply: asyncio.Future[ModelReply] = loop.create_future()

    @property
    def is_tool(self) -> bool:
        return bool(self.tool)

    def told(self, about: str) -> str:
        return (
            ", ".join(part for part in (about, f"tool {self.tool}" if self.tool else "") if part) or "a chat"
        )


class _Desk:
    """Where the agent leaves its questions."""

    def __init__(self, loop: DeterministicLoop) -> None:
        self._loop = loop
        self._asked: list[_Question] = []

    async def ask(self, request: ModelRequest, tool: str = "") -> ModelReply:
        question = _Question(self._loop, request, tool)
        self._asked.append(question)
        return await question.reply

    def take(self) -> list[_Question]:
        asked, self._asked = self._asked, []
        return asked


class _Client(RequestClient):
    """The agent's client: its calls go into the journal."""

    def __init__(self, desk: _Desk) -> None:
        super().__init__()
        self._desk = desk

    async def _reply(self, request: ModelRequest) -> ModelReply:
        return await self._desk.ask(request)


class _Asking(BaseTool[Any, Any]):
    """A tool that looks like `tool` and is used outside."""

    component_config_schema = FunctionTool.component_config_schema

    def __init__(self, tool: BaseTool[Any, Any], desk: _Desk) -> None:
        super().__init__(tool.args_type(), str, tool.name, tool.description)
        self._desk = desk

    async def run(self, args: Any, cancellation_token: CancellationToken) -> str:
        content = tool_request(self.name, json.loads(args.model_dump_json()))
        request = ModelRequest(messages=(ChatMessage(role="user", content=content),), max_tokens=1)
        reply = await self._desk.ask(request, self.name)
        return reply.text
