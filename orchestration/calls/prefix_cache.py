"""The share of its prompts that a run found in the prefix caches of its servers."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from ...agents.models.base import CacheCounting
from .model_pool import PooledModel


@asynccontextmanager
async def report_cache_hits(
    pool: Mapping[str, PooledModel], say: Callable[[str], None]
) -> AsyncIterator[None]:
    """Say at the end which share of the prompts each server found in its prefix cache meanwhile.

    The counters are those of the server: requests of its other clients are included.
    """
    models = (pooled.model for pooled in pool.values())
    counting = {model.identity: model for model in models if isinstance(model, CacheCounting)}
    before = {name: await model.cache_counters() for name, model in counting.items()}
    yield
    for name, model in counting.items():
        first, last = before[name], await model.cache_counters()
        if first is not None and last is not None and last.queries > first.queries:
            asked = last.queries - first.queries
            share = (last.hits - first.hits) / asked
            say(f"Prefix cache of {name}: {share:.0%} of {asked:,} prompt tokens were found there.")
