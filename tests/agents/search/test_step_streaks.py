"""The streaks of steps without success."""

from transfer_prompting.agents.search.step_streaks import StepStreaks


def test_steps_without_a_race() -> None:
    """A step without a race makes both streaks longer."""
    streaks = StepStreaks().end_step().end_step()
    assert (streaks.without_better, streaks.without_new) == (2, 2)


def test_a_race_without_a_winner() -> None:
    """A race ends the streak without a new prompt, and only a winner the one without a better prompt."""
    streaks = StepStreaks().end_step().add_race(won=False).end_step()
    assert (streaks.without_better, streaks.without_new) == (2, 0)


def test_one_winner_is_enough() -> None:
    """A single race with a winner ends the streak, though another in the same step has none."""
    for first in (True, False):
        streaks = StepStreaks().end_step().add_race(won=first).add_race(won=not first).end_step()
        assert (streaks.without_better, streaks.without_new) == (0, 0)
        assert streaks.end_step().without_better == 1


def test_a_restart_gives_back_the_patience() -> None:
    """After the race of a restart the streak without a better prompt begins at zero, won or not."""
    for won in (True, False):
        streaks = StepStreaks(without_better=4).restart().add_race(won=won).end_step()
        assert streaks.without_better == 0
