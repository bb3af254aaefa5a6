"""Prefix cache counters of a vLLM server, from /metrics in Prometheus' text format."""

import re
from collections.abc import Iterable

from ..base import CacheCounters

_COUNTER = re.compile(
    r"^vllm:prefix_cache_(queries|hits)(?:_total)?(?:\{[^}]*\})? ([0-9.eE+]+)$", re.MULTILINE
)


def parse_counters(texts: Iterable[str]) -> CacheCounters | None:
    """Return the sums over all servers and all their engines; None if no server has these counters."""
    found = [(name, float(value)) for text in texts for name, value in _COUNTER.findall(text)]
    sums = {key: sum(value for name, value in found if name == key) for key in ("queries", "hits")}
    return CacheCounters(round(sums["queries"]), round(sums["hits"])) if found else None
