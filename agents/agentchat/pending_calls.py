"""Calls of an AgentChat agent that wait for the run: its client and its tools put them there."""

import asyncio
import json
from typing import Any

from autogen_core import CancellationToken
from autogen_core.tools import BaseTool, FunctionTool

from ..models.base import ChatMessage, ModelReply, ModelRequest
from .client import RequestClient
from .deterministic_loop import DeterministicLoop
from .tools import tool_request


class PendingCall:
    """A request of the agent to its model or, if `tool` is set, to a tool."""

    def __init__(self, loop: DeterministicLoop, request: ModelRequest, tool: str) -> None:
        self.request = request
        self.tool = tool
        self.reply: asyncio.Future[ModelReply] = loop.create_future()

    def describe(self, about: str) -> str:
        """Return the call's description for the log."""
        parts = (about, f"tool {self.tool}" if self.tool else "")
        return ", ".join(filter(None, parts)) or "a chat"


class PendingCalls:
    """The calls that the agent has made and that the run has not taken yet."""

    def __init__(self, loop: DeterministicLoop) -> None:
        self._loop = loop
        self._calls: list[PendingCall] = []

    async def call(self, request: ModelRequest, tool: str = "") -> ModelReply:
        """Add a call and wait for its reply."""
        call = PendingCall(self._loop, request, tool)
        self._calls.append(call)
        return await call.reply

    def take(self) -> list[PendingCall]:
        """Remove and return all calls."""
        calls, self._calls = self._calls, []
        return calls


class JournalledClient(RequestClient):
    """The agent's client, whose calls are journalled by the run."""

    def __init__(self, calls: PendingCalls) -> None:
        super().__init__()
        self._calls = calls

    async def _reply(self, request: ModelRequest) -> ModelReply:
        return await self._calls.call(request)


class JournalledTool(BaseTool[Any, Any]):
    """A stand-in for `tool` that lets the run execute and journal it."""

    component_config_schema = FunctionTool.component_config_schema

    def __init__(self, tool: BaseTool[Any, Any], calls: PendingCalls) -> None:
        super().__init__(tool.args_type(), str, tool.name, tool.description)
        self._calls = calls

    async def run(self, args: Any, cancellation_token: CancellationToken) -> str:
        """Return the text of the tool's result."""
        content = tool_request(self.name, json.loads(args.model_dump_json()))
        request = ModelRequest(messages=(ChatMessage(role="user", content=content),), max_tokens=1)
        reply = await self._calls.call(request, self.name)
        return reply.text
