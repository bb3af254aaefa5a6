"""Calls of the program from a test."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    """Exit status and output of a call of the program."""

    status: int
    out: str
    err: str


Tp = Callable[..., Ended]
"""Calls the program: `tp("run", "x.toml")`."""
