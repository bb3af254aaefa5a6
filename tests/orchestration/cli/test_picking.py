"""Picking another prompt than the composite's: the front, one prompt in full, best by a measure."""

import asyncio
import json
from pathlib import Path

import pytest
from program_calls import Tp
from tiny_runs import RUN, begin, scripted, tiny_config

from transfer_prompting.agents.messages import StageFinished
from transfer_prompting.agents.messages.codec import decode


@pytest.fixture
def front(tmp_path: Path) -> tuple[str, ...]:
    """The front of the target stage of a run whose log is `log.db`."""
    config = tiny_config(tmp_path, examples=20, racing=False)
    events = asyncio.run(begin(config, tmp_path, scripted()))
    ends = [m for e in events if isinstance(m := decode(e), StageFinished)]
    return ends[-1].front


def test_best_by(tp: Tp, front: tuple[str, ...]) -> None:
    """`best --by` prints the prompt of the front that leads in the measure; of errors, the least."""
    shown = json.loads(tp("show", RUN, "--json", "--log", "log.db").out)
    prompts = {row["id"]: row for row in shown["stages"]["target"]["prompts"]}
    assert shown["stages"]["target"]["front"] == list(front)
    assert len(front) > 1
    for measure, choose in (("accuracy", max), ("ece", min)):
        found = json.loads(tp("best", RUN, "--by", measure, "--json", "--log", "log.db").out)["prompt"]
        assert found["id"] in front
        values = [prompts[id_]["vector"][measure]["value"] for id_ in front]
        assert found["vector"][measure]["value"] == choose(values)
        assert tp("best", RUN, "--by", measure, "--log", "log.db").out.strip() == found["text"]


def test_unknown_measure(tp: Tp, front: tuple[str, ...]) -> None:
    """A measure that nobody has is refused, and those that there are are named."""
    ended = tp("best", RUN, "--by", "beauty", "--log", "log.db")
    assert (ended.status, ended.out) == (2, "")
    assert "has a beauty. Choose one of: accuracy, " in ended.err


def test_one_prompt_in_full(tp: Tp, front: tuple[str, ...]) -> None:
    """`show RUN PROMPT` has a line for each measure, with its interval and the examples it rests on."""
    ended = tp("show", RUN, front[0], "--log", "log.db")
    [line] = [line.split() for line in ended.out.splitlines() if line.split()[:2] == ["target", "accuracy"]]
    printed = json.loads(tp("show", RUN, front[0], "--json", "--log", "log.db").out)
    accuracy = printed["stages"]["target"]["vector"]["accuracy"]
    value, low, high = (f"{accuracy[name]:.3f}" for name in ("value", "low", "high"))
    assert line[2:] == [value, low, "to", high, "20"]
    assert tp("show", RUN, "p0", "--log", "log.db").status == 2


def test_the_front_is_shown(tp: Tp, front: tuple[str, ...]) -> None:
    """The outcome names the prompts on the front and says how to pick another one."""
    out = " ".join(tp("show", RUN, "--log", "log.db").out.split())
    assert f"Pareto front: {', '.join(front)}" in out
    assert "tp best RUN --by MEASURE" in out
