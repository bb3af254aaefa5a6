"""A small run with the embedded model and a bundled task."""

from pathlib import Path

import pytest
from program_calls import Tp

CONFIG = """
name = "real"
[target]
task = "support_routing"
steps = 1
candidates = 1
examples = 2
test_examples = 2
[search]
answer = "likelihood"
seed_prompts = false
proposal_tokens = 12
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
"""


@pytest.mark.model
def test_run_replay_best_and_show(tp: Tp, tmp_path: Path) -> None:
    """A run with a real model ends with a verdict, replays without the model, and gives its best prompt."""
    (tmp_path / "run.toml").write_text(CONFIG)
    ran = tp("run", "run.toml")
    assert ran.status == 0, ran.err
    assert "Verdict: " in ran.err
    replayed = tp("replay", "last")
    assert replayed.status == 0
    assert "No call was made" in replayed.err
    best = tp("best", "last").out.strip()
    assert best
    assert best.splitlines()[0] in tp("show", "last").out
    assert '"kind": "run.started"' in tp("show", "last", "1", "--json").out
    assert "finished" in tp("runs").out
    assert tp("watch", "last", "--display", "plain").status == 0
