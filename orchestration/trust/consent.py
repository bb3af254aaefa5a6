"""The user's consent to carry out a run whose log may come from somewhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..config.settings import Config


def _discard(_text: str) -> None:
    """Ignore a remark."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's decision about a run: none by default, so that only approved runs are carried out."""

    trust: bool = False
    """Whether the user approves what the log demands. The approval is recorded."""
    own: "Config | None" = None
    """The user's own configuration of the run. Its roles and models replace those of the log."""
    say: Callable[[str], None] = _discard
    """Called with the text of an approval."""


NO_CONSENT = Consent()
