"""How a budget of evaluations for both stages is shared between the sources and the targets.

With few labels a target's examples soon have nothing more to tell, so most of the budget buys rules on the
sources. With ample labels, 225 evaluations of sources were worth less to one target than as many of its own
(docs/results.md): a single target then gets all of them. What several targets share is paid once.
"""

_FEW, _AMPLE = 32, 100
"""Labelled examples up to which labels are few, and from which they are ample."""
_MOST, _LEAST = 0.75, 0.25
"""Share of the sources with few labels, and with ample ones of three targets or more."""


def source_share(labels: int, targets: int = 1) -> float:
    """Return the sources' share of the evaluations if each of the `targets` has so many labelled examples."""
    ampleness = min(1.0, max(0.0, (labels - _FEW) / (_AMPLE - _FEW)))
    least = _LEAST * min(1.0, (targets - 1) / 2)
    return _MOST + (least - _MOST) * ampleness
