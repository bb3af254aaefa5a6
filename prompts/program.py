"""The program of a task, as settings and log name it: what it is, what it is given, and what it may cost."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class ProgramSettings(BaseModel):
    """The system that turns a row into an output, instead of one call: exactly one of three kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use: str = Field(default="", exclude_if=lambda value: not value)
    """A function or a `Program`, "FILE.py:NAME"."""
    url: str = Field(default="", exclude_if=lambda value: not value)
    """An endpoint that takes the row and the texts as JSON, and returns the output."""
    command: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """A command that reads the row and the texts as a line of JSON, and writes the output as one."""
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
