"""A role that a configuration brings in: the table [roles.NAME]."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

BUILT_IN = ("curator", "reference", "scorer", "judge", "user", "runtime", "model")
"""Names that no other role may have."""


class RoleSettings(BaseModel):
    """Where the class of a role is; every other key is a setting of its own."""

    model_config = ConfigDict(frozen=True, extra="allow")

    use: str = ""
    """"file.py:Class", relative to the configuration's folder; "package.module:Class"; or the name of an
    entry point of the group `transfer_prompting.roles`, by default that of the table."""

    @field_validator("use")
    @classmethod
    def _from_folder(cls, use: str, info: ValidationInfo) -> str:
        path, colon, name = use.rpartition(":")
        if not path.endswith(".py"):
            return use
        return f"{Path((info.context or {}).get('folder', ''), path)}{colon}{name}"

    @property
    def own(self) -> dict[str, Any]:
        """The role's own settings."""
        return dict(self.__pydantic_extra__ or {})
