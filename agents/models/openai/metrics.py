"""Prefix cache counters of a vLLM server, from /metrics in Prometheus' text format."""

import re
from collections.abc import Iterable

from ..base import CacheCounters

_COUNTER = re.compile(
    r"^vllm:prefix_cache_(queries|hits)(?:_total)?(?:\{[^}]*\})? (\d{1,15}(?:\.\d{1,20})?(?:[eE]\+?\d\d?)?)$",
    re.MULTILINE,
)
_GREATEST = 2**53
"""Greatest counter that a float holds exactly. No server has counted so far."""


def parse_counters(texts: Iterable[str]) -> CacheCounters | None:
    """Return the sums over all servers and all their engines; None if no server has these counters."""
    read = ((name, float(value)) for text in texts for name, value in _COUNTER.findall(text))
    found = [(name, value) for name, value in read if value <= _GREATEST]
    sums = {key: sum(value for name, value in found if name == key) for key in ("queries", "hits")}
    return CacheCounters(round(sums["queries"]), round(sums["hits"])) if found else None
