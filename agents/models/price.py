"""What a model charges, for the bill that a run keeps."""

from pydantic import BaseModel, ConfigDict, Field


class Price(BaseModel):
    """Per million tokens, in whatever currency the budget is in: the table [models.NAME.price]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0.0, allow_inf_nan=False)
    output: float = Field(ge=0.0, allow_inf_nan=False)
    cached: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    """For tokens of a prompt that the backend had in its cache; as `input` where it is left out."""
