"""The table [roles.NAME] of a configuration: a role that is not built in."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

BUILT_IN = ("curator", "reference", "scorer", "judge", "user", "runtime", "model")
"""Reserved names."""
ENTRY_POINTS = "transfer_prompting.roles"
"""Group of the entry points by which a package offers roles."""


class RoleSettings(BaseModel):
    """The class of a role. Every key except `use` is a setting of the role itself."""

    model_config = ConfigDict(frozen=True, extra="allow")

    use: str = ""
    """"file.py:Class", relative to the configuration's folder; "package.module:Class"; or the name of an
    entry point in the group `transfer_prompting.roles`, by default NAME."""

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
