"""Transfer-Prompting: two-stage prompt optimisation by agents on an append-only event log."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agents.agentchat.client import ModelClient as ModelClient
    from .agents.agentchat.role import AgentChatRole as AgentChatRole
    from .agents.agentchat.team_program import AgentChatProgram as AgentChatProgram
    from .agents.messages import Message as Message
    from .agents.messages import RaceFinished as RaceFinished
    from .agents.messages import ReviewRequested as ReviewRequested
    from .agents.models.base import ChatMessage as ChatMessage
    from .agents.models.base import Counting as Counting
    from .agents.models.base import Model as Model
    from .agents.models.base import ModelError as ModelError
    from .agents.models.base import ModelReply as ModelReply
    from .agents.models.base import ModelRequest as ModelRequest
    from .agents.models.base import TokenCount as TokenCount
    from .agents.models.registry import ModelSettings as ModelSettings
    from .agents.models.registry import build_model as build_model
    from .agents.programs.base import Ask as Ask
    from .agents.programs.base import AskFailed as AskFailed
    from .agents.programs.base import Program as Program
    from .agents.programs.dspy_program import DspyProgram as DspyProgram
    from .agents.roles.base import Role as Role
    from .agents.roles.reviewer import Amend as Amend
    from .agents.roles.reviewer import Reviewer as Reviewer
    from .agents.roles.reviewer import Veto as Veto
    from .orchestration.api import Result as Result
    from .orchestration.api import Run as Run
    from .orchestration.api import Task as Task
    from .orchestration.autogen_team import RunTeam as RunTeam
    from .orchestration.conformance import RoleRefused as RoleRefused
    from .orchestration.conformance import check_role as check_role
    from .orchestration.dspy_optimiser import TransferPrompting as TransferPrompting
    from .orchestration.errors import ConfigError as ConfigError
    from .orchestration.errors import RunStopped as RunStopped
    from .prompts.content_parts import ImagePart as ImagePart
    from .prompts.content_parts import TextPart as TextPart
    from .prompts.metrics.own import Score as Score
    from .storage.errors import TransferPromptingError as TransferPromptingError

__version__ = "0.1.0"
"""The only place of the version: pyproject.toml, `tp --version` and the errors take it from here."""

_PLACES = {
    "ChatMessage": "agents.models.base",
    "Counting": "agents.models.base",
    "ImagePart": "prompts.content_parts",
    "TextPart": "prompts.content_parts",
    "Model": "agents.models.base",
    "ModelError": "agents.models.base",
    "ModelReply": "agents.models.base",
    "ModelRequest": "agents.models.base",
    "TokenCount": "agents.models.base",
    "build_model": "agents.models.registry",
    "RaceFinished": "agents.messages",
    "RunStopped": "orchestration.errors",
    "ConfigError": "orchestration.errors",
    "AgentChatRole": "agents.agentchat.role",
    "AgentChatProgram": "agents.agentchat.team_program",
    "Ask": "agents.programs.base",
    "AskFailed": "agents.programs.base",
    "Program": "agents.programs.base",
    "DspyProgram": "agents.programs.dspy_program",
    "ModelClient": "agents.agentchat.client",
    "Message": "agents.messages",
    "ReviewRequested": "agents.messages",
    "Amend": "agents.roles.reviewer",
    "Reviewer": "agents.roles.reviewer",
    "Veto": "agents.roles.reviewer",
    "Role": "agents.roles.base",
    "ModelSettings": "agents.models.registry",
    "Result": "orchestration.api",
    "Run": "orchestration.api",
    "RunTeam": "orchestration.autogen_team",
    "Task": "orchestration.api",
    "RoleRefused": "orchestration.conformance",
    "check_role": "orchestration.conformance",
    "Score": "prompts.metrics.own",
    "TransferPrompting": "orchestration.dspy_optimiser",
    "TransferPromptingError": "storage.errors",
}
"""Module of each public name. It is imported on first use, so that `tp --help` stays fast."""
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
