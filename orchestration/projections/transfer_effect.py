"""The effect of the source tasks, measured against the control."""

from typing import Literal

from ...agents.messages import RunFinished

TransferEffect = Literal["helped", "hurt", "open"]


def transfer_effect(finished: RunFinished) -> TransferEffect | None:
    """Return the effect of the source tasks on the composite score; None without a control.

    The control searches from scratch at the same cost. The source tasks helped if the whole 95 % interval of
    the difference lies above zero, and hurt if it lies below.
    """
    composite = next((c for c in finished.against_control if c.measure == "composite"), None)
    if finished.control is None or composite is None:
        return None
    if composite.low > 0:
        return "helped"
    return "hurt" if composite.high < 0 else "open"
