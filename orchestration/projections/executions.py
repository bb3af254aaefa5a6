"""Executions of programs in the log, and the calls that they make: how each is recognised."""

from ...agents.programs.request import PROGRAMS
from ...storage.event import Event

EXECUTOR = f"model/{PROGRAMS}"
"""Recipient of the requests to run a program, and sender of the requests that programs make."""


def is_execution(event: Event) -> bool:
    """Return whether an event is the request to run a program once, or the outcome of that."""
    if event.kind == "call.requested":
        return EXECUTOR in event.recipients
    return event.kind.startswith("call.") and event.sender == EXECUTOR


def is_inner_request(event: Event) -> bool:
    """Return whether an event is a request that a program has made. Its cause is the execution."""
    return event.kind == "call.requested" and event.sender == EXECUTOR


def module_of(about: str) -> str:
    """Return the module that a program's call is about: its texts, joined by "+", or else the role asked."""
    return about.partition(" of ")[0]


def module_names(module: str) -> tuple[str, ...]:
    """Return the names of the texts that a module consists of."""
    return tuple(module.split("+"))
