"""The finalists on the held-out examples."""

import pytest

from transfer_prompting.orchestration.projections.held_out import answer_pairs, finalists, reliabilities
from transfer_prompting.orchestration.projections.history import RunHistory


def test_gained_and_lost_are_the_difference(account: RunHistory) -> None:
    """What was gained less what was lost is the difference in the main metric of the verdict."""
    found = answer_pairs(account)
    finished = account.state.finished
    assert finished is not None
    main = next(c for c in finished.comparisons if c.measure == "metric")
    changes = [pair.change for pair in found]
    assert len(found) == main.n
    gained, lost = changes.count("gained"), changes.count("lost")
    assert (gained - lost) / main.n == pytest.approx(main.difference)
    assert "gained" in changes


def test_a_pair_says_what_was_answered(account: RunHistory) -> None:
    """A gained example was answered rightly by the best prompt, and wrongly by the user's own."""
    for pair in answer_pairs(account):
        if pair.change == "gained":
            assert pair.best == pair.wanted != pair.initial
            assert pair.question


def test_bins_are_those_of_the_ece(account: RunHistory) -> None:
    """The gaps of the bins, weighed by their examples, are the expected calibration error of the score."""
    finals = account.state.finals
    told = reliabilities(account)
    assert {r.role for r in told} == set(finalists(account))
    for reliability in told:
        score = finals.score(reliability.prompt)
        total = sum(b.examples for b in reliability.bins)
        gap = sum(b.examples * abs(b.accuracy - b.confidence) for b in reliability.bins) / total
        assert gap == pytest.approx(score.value("ece"))
        assert all(b.accuracy_low <= b.accuracy <= b.accuracy_high for b in reliability.bins)


def test_no_verdict_yet(account: RunHistory) -> None:
    """Without a verdict there are no finalists and nothing is said of held-out examples."""
    from transfer_prompting.orchestration.projections.history import RunHistory as Fresh

    early = Fresh(account.run, account.opening)
    assert (finalists(early), answer_pairs(early), reliabilities(early)) == ({}, [], [])
