"""Choosing another prompt: the Pareto front, one prompt in full, and the best prompt by one measure."""

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
    """Return the front of the target stage of a run whose log is `log.db`."""
    config = tiny_config(tmp_path, examples=20, racing=False)
    events = asyncio.run(begin(config, tmp_path, scripted()))
    ends = [m for e in events if isinstance(m := decode(e), StageFinished)]
    return ends[-1].front


def test_best_by(tp: Tp, front: tuple[str, ...]) -> None:
    """`best --by` prints the prompt on the front that is best in the measure; errors are best when least."""
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
    """The error for a measure that no prompt has lists the known measures."""
    ended = tp("best", RUN, "--by", "beauty", "--log", "log.db")
    assert (ended.status, ended.out) == (2, "")
    assert "has a beauty. Choose one of: metric, accuracy, " in ended.err


def test_one_prompt_in_full(tp: Tp, front: tuple[str, ...]) -> None:
    """`show RUN PROMPT` prints a line for each measure, with its interval and its number of examples."""
    ended = tp("show", RUN, front[0], "--log", "log.db")
    [line] = [line.split() for line in ended.out.splitlines() if line.split()[:2] == ["target", "accuracy"]]
    printed = json.loads(tp("show", RUN, front[0], "--json", "--log", "log.db").out)
    accuracy = printed["stages"]["target"]["vector"]["accuracy"]
    value, low, high = (f"{accuracy[name]:.3f}" for name in ("value", "low", "high"))
    assert line[2:] == [value, low, "to", high, "20"]
    assert tp("show", RUN, "p0", "--log", "log.db").status == 2


def test_the_front_is_shown(tp: Tp, front: tuple[str, ...]) -> None:
    """The outcome names the prompts on the front and the command that chooses among them."""
    out = " ".join(tp("show", RUN, "--log", "log.db").out.split())
    assert f"Pareto front: {', '.join(front)}" in out
    assert "tp best RUN --by MEASURE" in out
