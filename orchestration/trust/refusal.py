"""The text of a refusal and of an approval: what a run demands, and the ways on."""

from collections.abc import Sequence

from ..errors import NotApproved
from .demands import Demand


def refusal(run: str, demands: Sequence[Demand], *, changed: bool) -> NotApproved:
    """Return the error for a run that is not approved; `changed` if its code was another one then."""
    reason = (
        "was approved here, but the code that it names has changed since"
        if changed
        else "was neither started nor approved by you on this computer"
    )
    return NotApproved(
        f"Run {_printable(run)} {reason}. Its log would make this computer\n{_listed(demands)}\n"
        "Nothing of this has been done. There are two ways on:\n"
        "  --trust        approves exactly this for this run, and remembers it. Use it if you know the "
        "author of the log.\n"
        "  --config FILE  takes roles and models from your own configuration of the run instead.\n"
        "To look at the run without any of this, use tp show, tp report, or tp replay --no-verify."
    )


def approval(run: str, demands: Sequence[Demand]) -> str:
    """Return the text for a run that the user approves now."""
    return f"Approved for run {_printable(run)}, and remembered:\n{_listed(demands)}"


def _listed(demands: Sequence[Demand]) -> str:
    return "\n".join(f"  - {demand.line}" for demand in demands)


def _printable(run: str) -> str:
    return run if run.isprintable() and run.isascii() else ascii(run)
