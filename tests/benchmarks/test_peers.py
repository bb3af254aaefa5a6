"""The comparison of optimisers credits runs correctly, and its page reports them."""

import sys
from typing import Any

import pytest
from landscape import Sizes, make_landscape
from landscape.words import rule
from peers_overview import overview
from peers_page import page
from peers_run import SEARCHES, Run, curve, run_arm
from peers_scores import found_by, summarise, tokens_to_reach
from server import ServerOptions

SMALL = ServerOptions(train=12, dev=25, test=10)


def run(**fields: Any) -> Run:
    """Return a run on a landscape with accuracies from 0.4 to 0.9."""
    about = {"landscape": "hidden_rules", "seed": 1, "arm": "OPRO", "budget": 1000}
    return Run(**{**about, "initial": 0.4, "attainable": 0.9, **fields})


def test_only_a_reported_prompt_counts_as_reached() -> None:
    """A good prompt that was tried but not reported in the end is no success."""
    tried = [(0, 0.4), (300, 0.7), (500, 0.9)]
    assert tokens_to_reach(run(true=0.7, curve=tried), 0.5) == 300
    assert tokens_to_reach(run(true=0.9, curve=tried), 0.95) == 500
    assert tokens_to_reach(run(true=0.5, curve=tried), 0.5) is None


def test_runs_that_never_get_there_count_in_the_median() -> None:
    """The tokens are the median over all runs, and none if half of them or more never got there."""
    tried = [(100, 0.65), (300, 0.8), (500, 0.9)]
    runs = [run(true=0.9, curve=tried), run(true=0.8, curve=tried), run(error="it broke")]
    assert summarise("OPRO", runs).reached == ((2, 100), (2, 300), (1, None))


def test_what_is_found_by_a_time_is_what_was_tried_before_it() -> None:
    """The best of the prompts tried so far counts, and at least the initial one."""
    tried = [(100, 0.6), (300, 0.7)]
    found = [found_by(run(curve=tried), tokens) for tokens in (0, 100, 299, 300)]
    assert found == [0.4, 0.6, 0.6, 0.7]


def test_a_summary_takes_means_over_the_runs_that_ended() -> None:
    """Failed runs are counted and left out of the scores; claims are compared with the truth."""
    runs = [
        run(true=0.6, claimed=0.7, promoted=True, task_tokens=100),
        run(true=0.8, claimed=0.8, promoted=False, task_tokens=200),
        run(error="it broke", task_tokens=300),
    ]
    found = summarise("OPRO", runs)
    assert (found.runs, found.failed, found.promoted) == (3, 1, 1)
    assert found.true == pytest.approx(0.7)
    assert found.gain == pytest.approx(0.6)
    assert found.optimism == pytest.approx(0.05)
    assert found.tokens == 200


def test_the_curve_rises_with_prompts_evaluated_in_earnest() -> None:
    """A better prompt adds a step at its first request, unless it was asked on a few examples only."""
    world = make_landscape("hidden_rules", 1, Sizes(5, 5, 5))
    seed = world.initial_prompts[0]
    rules = [rule(topic, world.truth.rules[topic]) for topic in world.weights["target"]]
    prompts = [
        {"prompt": seed, "first": 0, "requests": 100},
        {"prompt": " ".join([seed, *rules]), "first": 50, "requests": 3},
        {"prompt": f"{seed} {rules[0]}", "first": 90, "requests": 100},
        {"prompt": f"{seed} {rules[1]}", "first": 120, "requests": 100},
    ]
    better = world.true_accuracy(f"{seed} {rules[0]}")
    assert curve(world, prompts) == [(0, world.true_accuracy(seed)), (90, better)]


def test_an_arm_runs_in_a_process_of_its_own() -> None:
    """The simplest arm reports an initial prompt, and the server has counted its requests."""
    found = run_arm("best initial", SMALL, 1000, sys.executable, 60)
    assert found.error == ""
    assert found.prompt in SMALL.make().initial_prompts
    assert found.true == found.initial
    assert not found.promoted
    assert found.task_requests == 3 * SMALL.dev
    assert found.task_tokens > 0


def test_random_search_stays_near_its_budget() -> None:
    """It stops at the first prompt scored after the budget is used up, and reports its best."""
    found = run_arm("random search", SMALL, 20_000, sys.executable, 60)
    assert 20_000 <= found.task_tokens < 25_000
    assert found.claimed is not None
    assert found.proposer_requests > 3


@pytest.mark.parametrize("arm", SEARCHES)
def test_the_projects_own_arms_go_through_its_command_line(arm: str) -> None:
    """They report a prompt with its accuracy on held-out examples, and have asked both models."""
    options = SMALL.model_copy(update={"train": 100, "landscape": "source_target"})
    found = run_arm(arm, options, 60_000, sys.executable, 120)
    assert found.error == ""
    assert found.claimed is not None
    assert found.proposer_requests > 0
    assert found.task_requests > 100


def test_an_arm_that_breaks_is_told() -> None:
    """An interpreter that cannot run the arm leaves a failed run, not a score."""
    found = run_arm("best initial", SMALL, 1000, "false", 60)
    assert found.error == "ended with status 1 and no report"
    assert found.prompt == ""


def test_the_page_ranks_arms_and_names_failures() -> None:
    """Arms are sorted by true accuracy; failures are listed below, with the reason."""
    runs = [
        run(arm="CAPO", true=0.5, claimed=0.6),
        run(arm="GEPA", true=0.8, claimed=0.8),
        run(arm="COPRO", error="Traceback\nValueError: no"),
    ]
    text = page(runs, slots=4, latency=0.01)
    assert text.index("| GEPA | 0.800") < text.index("| CAPO | 0.500") < text.index("| COPRO | failed")
    assert "- COPRO, seed 1, failed: ValueError: no" in text


def test_the_overview_waits_for_all_seeds() -> None:
    """An arm stands in the table of a landscape once it has ended on all seeds."""
    runs = [run(arm="GEPA", seed=seed, true=0.8) for seed in (1, 2)]
    runs += [run(arm="CAPO", seed=1, true=0.5)]
    text = overview(runs)
    assert "| `hidden_rules` | GEPA | 0.800 ± 0.000 | 0.800 | 0 of 2 |" in text
    assert "CAPO" not in text
    assert "Not all seeds were run of: CAPO on `hidden_rules`." in page(runs, slots=16, latency=0.02)
