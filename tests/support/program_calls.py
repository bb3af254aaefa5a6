"""Calling the program from a test."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    """How a call of the program ended."""

    status: int
    out: str
    err: str


Tp = Callable[..., Ended]
"""`tp("run", "x.toml")` calls the program with these arguments."""
