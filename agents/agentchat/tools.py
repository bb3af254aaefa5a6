"""The tools of a role as something that is asked: a request names the tool and its arguments."""

import json
from collections.abc import Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.tools import BaseTool, FunctionTool

from ..models.base import ModelError, ModelReply, ModelRequest


def as_tools(given: Sequence[Any]) -> list[BaseTool[Any, Any]]:
    """Functions as AutoGen's tools; tools as they are."""
    return [
        tool if isinstance(tool, BaseTool) else FunctionTool(tool, description=(tool.__doc__ or "").strip())
        for tool in given
    ]


def tool_request(name: str, arguments: dict[str, Any]) -> str:
    """What a request to a tool says."""
    return json.dumps({"tool": name, "arguments": arguments}, sort_keys=True)


class ToolModel:
    """Uses the tool that a request names, and replies with what it returned, as text.

    What a tool raises is told to the agent, which may try something else, as AutoGen does it.
    """

    scores_options = False
    rates_options = False

    def __init__(self, role: str, tools: Sequence[BaseTool[Any, Any]]) -> None:
        self._role = role
        self._tools = {tool.name: tool for tool in tools}

    @property
    def identity(self) -> str:
        return f"tools:{self._role}:{','.join(self._tools)}"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """What the tool returned, or its error. Raises `ModelError` for what is no such request."""
        try:
            asked = json.loads(request.messages[-1].content)
            tool = self._tools[asked["tool"]]
        except (ValueError, LookupError, TypeError) as error:
            raise ModelError("bad_request", f"{self._role} has no such tool: {error}.") from error
        try:
            result = await tool.run_json(asked["arguments"], CancellationToken())
            text = tool.return_value_as_string(result)
        except Exception as error:  # noqa: BLE001 - the edge to anybody's tool
            text = f"Error: {type(error).__name__}: {error}"
        return ModelReply(text=text, finish="stop", prompt_tokens=0, completion_tokens=0)

    async def close(self) -> None:
        """Nothing to release."""
