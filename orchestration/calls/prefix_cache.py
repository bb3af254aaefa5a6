"""How much of its prompts a run has found in the prefix cache of a server that counts that."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from ...agents.models.base import CacheCounting, Model


@asynccontextmanager
async def telling_hits(models: Mapping[str, Model], say: Callable[[str], None]) -> AsyncIterator[None]:
    """Say, behind the work, what was found of the prompts that the models' servers had meanwhile.

    Others that use the same server are counted with it.
    """
    counting = {model.identity: model for model in models.values() if isinstance(model, CacheCounting)}
    before = {name: await model.cache_counters() for name, model in counting.items()}
    yield
    for name, model in counting.items():
        first, last = before[name], await model.cache_counters()
        if first is not None and last is not None and last.queries > first.queries:
            asked = last.queries - first.queries
            share = (last.hits - first.hits) / asked
            say(f"Prefix cache of {name}: {share:.0%} of {asked:,} tokens of prompts were found there.")
