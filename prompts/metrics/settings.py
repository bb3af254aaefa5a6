"""Settings of a metric, as written in a task: its name alone, or a table with its options."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

_OWN = frozenset({"use", "name", "options"})


class MetricSettings(BaseModel):
    """One metric of a task: `metric = "token_f1"`, or `metric = { use = "number", tolerance = 0.01 }`.

    Keys other than `use` and `name` are the options of the metric.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    use: str
    """Built-in metric, "judge", or a function of the user's as "FILE.py:FUNCTION"."""
    name: str
    """Name in tables and constraints; by default `use`, or the function's name."""
    options: dict[str, Any] = Field(default_factory=dict, exclude_if=lambda value: not value)

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = {"use": value}
        if not isinstance(value, dict) or not isinstance(value.get("use"), str):
            return value
        options = {**value.get("options", {}), **{key: value[key] for key in value if key not in _OWN}}
        name = value.get("name") or value["use"].rpartition(":")[2]
        return {"use": value["use"], "name": name, "options": options}

    @property
    def function(self) -> tuple[str, str] | None:
        """The file and the name of the user's function; None for any other metric."""
        file, found, name = self.use.rpartition(":")
        return (file, name) if found else None
