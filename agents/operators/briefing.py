"""What a writing model is told about the setting: the scored model, its request, and how answers count."""

from dataclasses import dataclass

from ...prompts.reading.proposals import MAX_CHARACTERS


@dataclass(frozen=True, slots=True)
class Briefing:
    """Facts about the setting. The default is that of a small model, whose requests must stay short."""

    full: bool = False
    """True if the model can use a long request with everything that is known."""
    model: str = ""
    """Name of the scored model; "" if it is unknown."""
    request: str = ""
    """What the scored model is sent for one input, the instruction's place marked; "" if unknown."""
    tokens: int = 0
    """Most tokens in a reply; 0 if there is no reply or no limit."""
    likelihood: bool = False
    """True if the answer is the likeliest option, and no reply is written."""
    metric: str = ""
    """Name of the main metric; "" if an answer is right or wrong."""
    further: tuple[str, ...] = ()
    """Names of further metrics."""
    weighted: tuple[str, ...] = ()
    """Measures besides the main metric that count in the score, such as "ece 20 %"."""
    characters: int = MAX_CHARACTERS
    """Most characters of a prompt."""


BRIEF = Briefing()
"""The briefing of which nothing is known."""
