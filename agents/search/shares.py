"""How a budget of evaluations for all stages is shared between the sources and the targets.

With few labels a target's examples soon have nothing more to tell, so most of the budget buys rules on the
sources. With ample labels, 225 evaluations of sources were worth less to one target than as many of its own
(docs/results.md): a single target then gets all of them. What several targets share is paid once.
"""

from collections.abc import Sequence
from statistics import fmean

_FEW, _AMPLE = 32, 100
"""Labelled examples up to which labels are few, and from which they are ample."""
_MOST, _LEAST = 0.75, 0.25
"""Share of the sources with few labels, and with ample ones of three targets or more."""


def source_share(labels: Sequence[int]) -> float:
    """Return the sources' share of the evaluations; `labels` are the labelled examples of each target."""
    least = _LEAST * min(1.0, (len(labels) - 1) / 2)
    ampleness = fmean(min(1.0, max(0.0, (one - _FEW) / (_AMPLE - _FEW))) for one in labels)
    return _MOST + (least - _MOST) * ampleness
