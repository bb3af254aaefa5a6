"""What a vLLM server counts of its prefix cache, at /metrics, in the text format of Prometheus."""

import re
from collections.abc import Iterable

from ..base import CacheCounters

_COUNTER = re.compile(
    r"^vllm:prefix_cache_(queries|hits)(?:_total)?(?:\{[^}]*\})? ([0-9.eE+]+)$", re.MULTILINE
)


def counters_in(texts: Iterable[str]) -> CacheCounters | None:
    """The sums over all servers, and over all that each of them serves; None where none of them counts."""
    found = [(name, float(value)) for text in texts for name, value in _COUNTER.findall(text)]
    sums = {key: sum(value for name, value in found if name == key) for key in ("queries", "hits")}
    return CacheCounters(round(sums["queries"]), round(sums["hits"])) if found else None
