"""The price of a model's tokens."""

from pydantic import BaseModel, ConfigDict, Field


class Price(BaseModel):
    """Prices per million tokens, in the budget's currency: the table [models.NAME.price]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0.0, allow_inf_nan=False)
    output: float = Field(ge=0.0, allow_inf_nan=False)
    cached: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    """Price of prompt tokens found in the backend's prefix cache; by default the same as `input`."""
