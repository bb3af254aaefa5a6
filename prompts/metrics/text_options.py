"""Options of the checks of a text, which may look at the answer or at the whole reply."""

from typing import Literal

from .metric import Options


class TextOptions(Options):
    """Options of a check of a text."""

    of: Literal["answer", "reply"] = "answer"
    """Text that is checked: the answer that was read in the reply, or the whole reply."""

    @property
    def looks_at(self) -> Literal["answer", "reply"]:
        """Return the text that is checked."""
        return self.of
