"""Shape of what `best --json` prints. It stands apart because `best` must not import pydantic."""

from pydantic import BaseModel, ConfigDict

from ...agents.messages import Comparison
from ...prompts.candidate import Candidate


class BestDocument(BaseModel):
    """The prompt to use, with its evidence. Before the verdict only `best` is known."""

    model_config = ConfigDict(extra="forbid")

    run: str
    finished: bool
    best: Candidate
    initial: Candidate | None
    improved: bool | None
    verdict: str | None
    comparisons: list[Comparison]
    p_value: float | None
    test: str | None
    """Test that gave the p-value."""
    smallest_gain: float | None
    """Gain that the held-out examples would have shown with a probability of 80 %."""
    control: Candidate | None
    against_control: list[Comparison]
