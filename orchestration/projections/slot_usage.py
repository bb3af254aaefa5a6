"""The use of the models' slots by the calls in flight: some calls run, the others wait."""

from dataclasses import dataclass

from .run_state import RunState


@dataclass(frozen=True, slots=True)
class SlotUsage:
    """Calls in flight, divided by the number of calls that the models take at the same time."""

    slots: int
    """Total number of slots of all models; 0 if it is not known."""
    busy: int
    """Number of calls that occupy a slot; all calls in flight if the number of slots is not known."""
    queued: int
    """Number of calls that must be waiting, because there are more calls in flight than slots."""


def slot_usage(state: RunState) -> SlotUsage:
    """Return the use of the slots of all models together.

    A log says when a call was requested and not when it got a slot. Calls may also queue at one model while
    another has free slots, so `queued` is a lower bound and `busy` an upper bound.
    """
    in_flight, slots = state.calls.in_flight, state.spending.slots
    busy = min(in_flight, slots) if slots else in_flight
    return SlotUsage(slots, busy, in_flight - busy)
