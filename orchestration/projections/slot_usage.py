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
    """Number of calls that wait for a slot."""


def slot_usage(state: RunState) -> SlotUsage:
    """Return the use of the slots, summed over the models. A log tells when calls were requested."""
    in_flight, slots = state.calls.in_flight, state.spending.slots
    busy = min(slots.busy(state.calls.open_by_role()), in_flight)
    return SlotUsage(slots.total, busy, in_flight - busy)
