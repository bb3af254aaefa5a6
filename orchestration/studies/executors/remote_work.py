"""The function that executors run on other computers."""

import asyncio

from ..carry_out import carry_out
from ..job import CellJob


def work(job: str) -> str:
    """Carry out a `CellJob` and return its `JobEnd`, both as JSON."""
    return asyncio.run(carry_out(CellJob.model_validate_json(job))).model_dump_json()
