"""A role's tools as a model: a request names the tool and its arguments."""

import json
from collections.abc import Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.tools import BaseTool, FunctionTool

from ..models.base import ModelError, ModelReply, ModelRequest


def as_tools(tools: Sequence[Any]) -> list[BaseTool[Any, Any]]:
    """Return AutoGen tools as they are, and functions as AutoGen tools."""
    return [
        tool if isinstance(tool, BaseTool) else FunctionTool(tool, description=(tool.__doc__ or "").strip())
        for tool in tools
    ]


def tool_request(name: str, arguments: dict[str, Any]) -> str:
    """Return the text of a request to a tool, as JSON."""
    return json.dumps({"tool": name, "arguments": arguments}, sort_keys=True)


class ToolModel:
    """Runs the tool that a request names, and replies with its result as text.

    A tool's error becomes the reply's text, so that the agent may try again, as in AutoGen.
    """

    scores_options = False
    rates_options = False

    def __init__(self, role: str, tools: Sequence[BaseTool[Any, Any]]) -> None:
        self._role = role
        self._tools = {tool.name: tool for tool in tools}

    @property
    def identity(self) -> str:
        """Names of the role and its tools."""
        return f"tools:{self._role}:{','.join(self._tools)}"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the tool's result, or its error, as text.

        Raises `ModelError` if the request does not name one of the tools.
        """
        try:
            call = json.loads(request.messages[-1].text)
            tool = self._tools[call["tool"]]
        except (ValueError, LookupError, TypeError) as error:
            raise ModelError("bad_request", f"{self._role} has no such tool: {error}.") from error
        try:
            result = await tool.run_json(call["arguments"], CancellationToken())
            text = tool.return_value_as_string(result)
        except Exception as error:  # noqa: BLE001 - a tool is foreign code, which may raise anything
            text = f"Error: {type(error).__name__}: {error}"
        return ModelReply(text=text, finish="stop", prompt_tokens=0, completion_tokens=0)

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""
