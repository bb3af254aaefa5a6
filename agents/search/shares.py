"""How a budget of evaluations for both stages is shared between the sources and the target.

With few labels the target's examples soon have nothing more to tell, so most of the budget buys rules on the
sources. With ample labels an evaluation of a source buys about a third of one of the target. If several
targets share the sources, an evaluation of a source serves each of them.
"""

from collections.abc import Sequence
from statistics import fmean

_FEW, _AMPLE = 32, 100
"""Labelled examples up to which labels are few, and from which they are ample."""
_MOST, _LEAST = 0.75, 0.25
"""Share of the sources with few labels, and with ample ones."""


def source_share(labels: Sequence[int]) -> float:
    """Return the sources' share of the evaluations; `labels` are the labelled examples of each target.

    It is the share for one target, times the number of targets that share the sources, but at most that of
    few labels.
    """
    return min(_MOST, fmean(map(_alone, labels)) * len(labels))


def _alone(labels: int) -> float:
    """Return the share for one target with so many labelled examples."""
    ampleness = min(1.0, max(0.0, (labels - _FEW) / (_AMPLE - _FEW)))
    return _MOST + (_LEAST - _MOST) * ampleness
