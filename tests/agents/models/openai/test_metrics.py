"""Prefix cache counters of a vLLM server."""

import pytest

from transfer_prompting.agents.models.base import CacheCounters
from transfer_prompting.agents.models.openai.metrics import parse_counters

METRICS = """\
# HELP vllm:prefix_cache_queries_total Prefix cache queries, in terms of number of queried tokens.
# TYPE vllm:prefix_cache_queries_total counter
vllm:prefix_cache_queries_total{engine="0",model_name="smollm2"} 1200.0
vllm:prefix_cache_queries_created{engine="0",model_name="smollm2"} 1.7e+09
vllm:external_prefix_cache_queries_total{engine="0",model_name="smollm2"} 5.0
vllm:prefix_cache_hits_total{engine="0",model_name="smollm2"} %d
"""
ABSURD = [
    [f"vllm:prefix_cache_hits {value}\n"] for value in ("1e99", "1e999", "1.2.3", "e+E", "9" * 400, "-1")
]


def test_counters_are_read_from_the_text() -> None:
    """Only the server's own cache counts, in either spelling of the counters; engines are summed."""
    assert parse_counters([METRICS % 900]) == CacheCounters(1200, 900)
    assert parse_counters([METRICS % 900, "vllm:prefix_cache_hits 1e+2\n"]) == CacheCounters(1200, 1000)


@pytest.mark.parametrize("texts", [[], ["{}"], ["llamacpp:prompt_tokens_total 5\n"], *ABSURD])
def test_server_without_counters_has_none(texts: list[str]) -> None:
    """Missing counters are not mistaken for a cache without hits."""
    assert parse_counters(texts) is None
