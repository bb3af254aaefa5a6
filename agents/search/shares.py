"""How a budget of evaluations for all stages is shared between the sources and the targets.

With few labels a target's examples soon have nothing more to tell, so most of the budget buys rules on the
sources. With ample labels each evaluation of a source was worth less than one of a target, also to several
targets, which learn from each other (docs/results.md): then the targets get all of them.
"""

from collections.abc import Sequence
from statistics import fmean

_FEW, _AMPLE = 32, 100
"""Labelled examples up to which labels are few, and from which they are ample."""
_MOST = 0.75
"""Share of the sources with few labels."""


def source_share(labels: Sequence[int]) -> float:
    """Return the sources' share of the evaluations; `labels` are the labelled examples of each target."""
    return _MOST * fmean(min(1.0, max(0.0, (_AMPLE - one) / (_AMPLE - _FEW))) for one in labels)
