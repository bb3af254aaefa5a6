"""Tiny runs with a user's own roles: their files, configurations and models."""

import hashlib
from pathlib import Path
from typing import Any

from tiny_runs import reply_by_hash, tiny_config

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.config.role_settings import RoleSettings
from transfer_prompting.orchestration.config.settings import Config

EXAMPLES = Path(__file__).parents[2] / "examples"
CRITIC = {"use": f"{EXAMPLES / 'critic' / 'critic.py'}:Critic"}

HEAD = """
from typing import Literal

from autogen_core import MessageContext, message_handler

from transfer_prompting import Amend, Message, Reviewer, ReviewRequested, Role, Veto
from transfer_prompting.agents.messages import PromptScored, RunStarted, StageFinished


class Noted(Message):
    kind: Literal["note.taken"] = "note.taken"
    text: str

    def gist(self) -> str:
        return f"noted: {self.text}"

"""


def role_file(folder: Path, code: str, name: str = "mine.py") -> str:
    """Write a file with `code` below the usual imports and a message kind `Noted`; return its path."""
    path = folder / name
    path.write_text(HEAD + code)
    return str(path)


def with_roles(folder: Path, roles: dict[str, dict[str, Any]], **search: Any) -> Config:
    """Return the tiny run with further roles, which use the model of the run."""
    config = tiny_config(folder, **search)
    made = {name: RoleSettings.model_validate(table) for name, table in roles.items()}
    return config.model_copy(update={"roles": made})


def hash_of(text: str) -> int:
    """Return a number from 0 to 255 that is always the same for a text."""
    return hashlib.sha256(text.encode()).digest()[0]


def critical_reply(request: ModelRequest) -> str:
    """Reply as in the tiny run, and sometimes with a veto to the critic."""
    text = request.messages[-1].text
    if "You review a prompt" not in text:
        return reply_by_hash(request)
    return "PASS" if hash_of(text) % 2 else "VETO: it names an answer."
