"""The effect of the source tasks, measured against the control."""

from typing import Literal

from ...agents.messages import RunFinished

TransferEffect = Literal["helped", "hurt", "open"]


def transfer_effect(finished: RunFinished) -> TransferEffect | None:
    """Return the effect of the source tasks on what decides; None without a control.

    The control searches from scratch at the same cost. The source tasks helped if the whole 95 % interval of
    the difference lies above zero, and hurt if it lies below.
    """
    found = {comparison.measure: comparison for comparison in finished.against_control}
    decisive = found.get("composite", found.get("metric"))
    if finished.control is None or decisive is None:
        return None
    if decisive.low > 0:
        return "helped"
    return "hurt" if decisive.high < 0 else "open"
