"""Examples with what the splits must know of them: their places, their groups and their fingerprints."""

from dataclasses import dataclass

from ..task import Example
from .fingerprints import Fingerprint


@dataclass(slots=True, eq=False)
class Placed:
    """An example of the data, before the splits are final."""

    where: str
    """Place of its row."""
    example: Example
    group: str
    """Group of its row; "" for a row that belongs to none."""
    found: Fingerprint
    """What it asks."""
