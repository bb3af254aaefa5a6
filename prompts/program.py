"""The program of a task, as settings and log name it: what it is, what it is given, and what it may cost."""

import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .secret_values import is_variable_name

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
_OWN_HEADERS = frozenset(
    {
        "content-type",
        "content-length",
        "accept-encoding",
        "host",
        "connection",
        "transfer-encoding",
        "authorization",
    }
)
"""Headers that a request has already. For a bearer token there is `api_key_env`."""


class ProgramSettings(BaseModel):
    """The system that turns a row into an output, instead of one call: exactly one of three kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use: str = Field(default="", exclude_if=lambda value: not value)
    """A function or a `Program`, "FILE.py:NAME"."""
    url: str = Field(default="", exclude_if=lambda value: not value)
    """An endpoint that takes the row and the texts as JSON, and returns the output."""
    command: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """A command that reads the row and the texts as a line of JSON, and writes the output as one."""
    api_key_env: str = Field(default="", exclude_if=lambda value: not value)
    """Environment variable whose value the requests to `url` carry as a bearer token."""
    headers_env: dict[str, str] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Further headers of the requests to `url`, each with the environment variable that holds its value."""
    inputs: tuple[str, ...] = Field(default=("question",), min_length=1)
    """Columns that the program is given."""
    timeout: float = Field(default=300.0, gt=0)
    """Seconds that one execution may take besides the waits for its calls."""
    calls: int | None = Field(default=None, ge=1)
    """Most model calls of one execution; one more call fails. None for no limit."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value

    @field_validator("command", mode="before")
    @classmethod
    def _one_word(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _names_variables(cls, value: Any) -> Any:
        if isinstance(value, dict):
            headers = value.get("headers_env", {})
            names = [value.get("api_key_env") or "UNSET"]
            names += headers.values() if isinstance(headers, dict) else []
            # The check comes before any other, whose error would quote a key.
            if not all(isinstance(name, str) and is_variable_name(name) for name in names):
                raise ValueError(
                    "api_key_env and headers_env take the names of environment variables, such as DESK_KEY, "
                    "and not the values: put a key into its variable"
                )
        return value

    @field_validator("headers_env")
    @classmethod
    def _can_be_set(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS:
                raise ValueError(f"headers_env: {name[:40]!r} is no header that can be set here")
        return headers

    @model_validator(mode="after")
    def _sends_keys_to_an_endpoint(self) -> Self:
        if (self.api_key_env or self.headers_env) and not self.url:
            raise ValueError(
                "api_key_env and headers_env go with `url`: other programs read variables themselves"
            )
        return self

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        if sum(map(bool, (self.use, self.url, self.command))) != 1:
            raise ValueError(
                'name the program in one way: use = "FILE.py:NAME", url = "http://...", or '
                'command = ["node", "run.js"]'
            )
        if self.use and not (self.use.rpartition(":")[0].endswith(".py") and self.use.rpartition(":")[2]):
            raise ValueError(f'{self.use!r} is no program: write "FILE.py:NAME"')
        return self
