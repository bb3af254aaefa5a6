"""The plugin's own test."""

from critic import Critic

from transfer_prompting import check_role


def test_it_keeps_the_rules() -> None:
    """The critic is pure, replayable and bounded, and copes with any reply of its model."""
    assert check_role(Critic).faults == []
