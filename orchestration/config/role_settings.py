"""The table [roles.NAME] of a configuration: a role that is not built in."""

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from ...prompts.secret_values import looks_secret, names_secret

BUILT_IN = ("curator", "reference", "scorer", "judge", "wording_judge", "user", "runtime", "model")
"""Reserved names."""
ENTRY_POINTS = "transfer_prompting.roles"
"""Group of the entry points by which a package offers roles."""


_SECRETS = ("api_key", "apikey", "password", "passwd", "secret", "access_token", "auth_token")


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

    @model_validator(mode="after")
    def _holds_no_secret(self, info: ValidationInfo) -> Self:
        if not (info.context or {}).get("recorded"):
            for key, value in self.own.items():
                if isinstance(value, str) and _is_secret(key, value):
                    raise ValueError(
                        f"{'a key' if looks_secret(key) else key} holds a password or a key, and would be "
                        "stored. Name an environment variable instead, and let the role read it"
                    )
        return self

    @property
    def own(self) -> dict[str, Any]:
        """The role's own settings."""
        return dict(self.__pydantic_extra__ or {})


def _is_secret(key: str, value: str) -> bool:
    named = key.lower().replace("-", "_").endswith(_SECRETS)
    return bool(value) and (named or (names_secret(key) and looks_secret(value)))
