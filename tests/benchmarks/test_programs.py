"""The comparison on programs credits runs correctly, and its section reports them."""

import json
import sys
from typing import Any

from landscape.two_modules import make_two_modules
from measured import marker
from page_sections import section_of, with_section
from peers_run import Run
from programs_page import HEADING, KEY, section
from programs_run import OURS, run_arm


def run(arm: str, true: float, **fields: Any) -> Run:
    """Return a run on the landscape drawn with the seed 1."""
    world = make_two_modules(1)
    about = {"landscape": "two_modules", "seed": 1, "initial": 0.34, "attainable": 0.8664, "budget": 1000}
    return Run(**{**about, "arm": arm, "true": true, "prompt": json.dumps(dict(world.texts)), **fields})


def test_an_arm_runs_the_program_in_a_process_of_its_own() -> None:
    """The simplest arm reports the first texts, and the server has counted two calls an example."""
    found = run_arm("initial texts", 1, 1000, sys.executable, 60)
    assert found.error == ""
    assert json.loads(found.prompt) == dict(make_two_modules(1).texts)
    assert found.true == found.initial
    assert not found.promoted
    assert found.task_requests == 200


def test_the_projects_own_arm_runs_the_same_program() -> None:
    """It reports both texts with their accuracy on held-out examples, and has asked both models."""
    found = run_arm(OURS, 1, 60_000, sys.executable, 240)
    assert found.error == ""
    assert set(json.loads(found.prompt)) == {"retrieve", "answer"}
    assert found.claimed is not None
    assert found.proposer_requests > 0
    assert 10_000 < found.task_tokens < 75_000


def test_an_arm_that_breaks_is_told() -> None:
    """An interpreter that cannot run the arm leaves a failed run, not a score."""
    assert run_arm("GEPA", 1, 1000, "false", 60).error == "ended with status 1 and no report"


def test_the_section_ranks_arms_by_the_median_and_names_failures() -> None:
    """The median over the seeds decides, with the quartiles beside it; failures are listed."""
    runs = [
        *(run("GEPA", true, seed=seed) for seed, true in enumerate((0.5, 0.6, 0.9), 1)),
        *(run(OURS, true, seed=seed) for seed, true in enumerate((0.7, 0.7, 0.7), 1)),
        run("MIPROv2", 0.0, error="Traceback\nValueError: no"),
    ]
    text = section(runs)
    assert text.index(f"| {OURS} | 0.700 (0.700 to 0.700)") < text.index("| GEPA | 0.600 (0.550 to 0.750)")
    assert "- MIPROv2, seed 1, failed: ValueError: no" in text
    assert f"{marker(KEY)}\n" in text


def test_a_section_is_replaced_in_its_place() -> None:
    """The rest of the page stays, before it and after it; without the section it comes last."""
    page = f"# Page\n\nText.\n\n{HEADING}\n\nold\n\n## Next\n\nMore.\n"
    new = with_section(page, f"{HEADING}\n\nnew\n")
    assert new == page.replace("old", "new")
    assert section_of(new, HEADING) == f"\n{HEADING}\n\nnew\n"
    assert with_section("# Page\n", f"{HEADING}\n\nnew\n") == f"# Page\n\n{HEADING}\n\nnew\n"
