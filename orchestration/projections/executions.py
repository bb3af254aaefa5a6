"""Executions of programs in the log, and the calls that they make: how each is recognised."""

import orjson

from ...agents.call_events import PROGRAMS, module_of
from ...storage.event import Event
from ...storage.reader import Reader

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


def requested_module(event: Event) -> str:
    """Return the module of a request that a program has made; "" if it was redacted."""
    return module_of(orjson.loads(event.data)["about"]) if event.data else ""


def execution_of(reader: Reader, event: Event) -> Event | None:
    """Return the request to run a program that a call event belongs to; None if it belongs to none.

    It is the event itself, or the one that has led to it: an execution has an outcome and inner calls, and
    these have outcomes.
    """
    found: Event | None = event
    for _ in range(3):
        if found is None or not found.kind.startswith("call."):
            return None
        if found.kind == "call.requested" and is_execution(found):
            return found
        found = next(iter(reader.with_ids(event.run, [found.cause])), None) if found.cause else None
    return None
