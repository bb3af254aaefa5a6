"""A run does not depend on how a version of Python adds: `sum` compensates for rounding from 3.12 on."""

import builtins
import math
import operator
import sys
from collections.abc import Callable, Iterable
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from landscape import Sizes, make_landscape
from simulated_run import simulate

from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.prompts.sums import summed

ADDS: Callable[..., Any] = builtins.sum
STAGE = {"candidates": 3, "steps": 4, "patience": 4}


def adds_otherwise(values: Iterable[Any], start: Any = 0) -> Any:
    """Add as the versions of Python do of which this one is none."""
    found = list(values)
    if not all(isinstance(value, int | float) for value in found):
        return ADDS(found, start)
    if sys.version_info >= (3, 12) or all(isinstance(value, int) for value in found):
        return reduce(operator.add, found, start)
    return math.fsum([start, *found])


def test_a_sum_is_taken_from_left_to_right() -> None:
    """A small number is lost beside a large one, on every version."""
    assert summed([1e16, 1.0, -1e16]) == 0
    assert summed([0.5, 0.6, 0.1]) == (0.5 + 0.6) + 0.1 != math.fsum([0.5, 0.6, 0.1])
    assert adds_otherwise([1e16, 1.0, -1e16]) != ADDS([1e16, 1.0, -1e16])


@pytest.mark.parametrize("objective", ["composite", "metric"])
async def test_a_log_is_re_enacted_where_sums_are_others(
    objective: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run with several source tasks, made with one way of adding, is re-enacted byte for byte with another.

    The mean over the tasks is a sum of three or more numbers.
    """
    world = make_landscape("source_target", 1, Sizes(train=6, dev=12, test=4), targets=3)
    world.write(tmp_path)
    *names, target = world.tasks
    config = Config.model_validate(
        {
            "source": {"tasks": names, "examples": 12, **STAGE},
            "target": {"task": target, "examples": 12, "test_examples": 4, **STAGE},
            "search": {"seed_prompts": False, "objective": objective},
            "models": {role: {"provider": "smollm2"} for role in ("scorer", "reference")},
        }
    )
    count = len(await simulate(world, config, tmp_path, tmp_path / "log.db"))
    monkeypatch.setattr(builtins, "sum", adds_otherwise)
    assert await lifecycle.reenact(tmp_path / "log.db", "run", lambda _event: None) == count
