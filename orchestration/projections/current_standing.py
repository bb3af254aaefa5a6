"""The present position of a run: its phase, its clock, and the leaderboard that matters now."""

from typing import Literal

from ...agents.stage_names import is_kind
from .leaderboard import Leaderboard, PromptRow
from .run_state import RunState

Phase = Literal["loading", "starting prompts", "step", "final comparison", "done"]


def phase(state: RunState) -> Phase:
    """Return the phase of the run; "starting prompts" and "step" belong to `state.stage`."""
    if state.stage is None:
        return "loading"
    if state.ended:
        return "done"
    if any(race.purpose == "final" for race in state.races.under_way):
        return "final comparison"
    return "step" if state.step else "starting prompts"


def seconds_since_start(state: RunState, silence: float) -> float:
    """Return the run's time in seconds, `silence` being the seconds since its last event.

    The clock of a run that has ended or failed stands still.
    """
    return state.elapsed + (silence if state.status == "unfinished" else 0.0)


def current_leaderboard(state: RunState) -> Leaderboard | None:
    """Return the leaderboard of the current stage, or of the last search when the run has finished."""
    if not state.finished:
        return state.board
    searched = [board for stage, board in state.leaderboards.items() if not is_kind(stage, "control")]
    return searched[-1] if searched else None


def gain_so_far(board: Leaderboard) -> float | None:
    """Return the main metric of the best prompt minus that of the user's best; None before both have one.

    It is what the search has seen, not what it has shown: that takes held-out examples.
    """
    best, initial = board.best(), board.best_initial()
    if best is None or initial is None:
        return None
    after, before = board.main(best), board.main(initial)
    return None if after is None or before is None else after - before


def scored_leaderboards(state: RunState) -> list[Leaderboard]:
    """Return the leaderboards with at least one scored prompt, in the order in which the stages began."""
    return [board for board in state.leaderboards.values() if board.best()]


def top_prompts(board: Leaderboard, count: int) -> list[PromptRow]:
    """Return the `count` best prompts, followed by the best initial prompt if it is not one of them."""
    top, initial = board.ranked()[:count], board.best_initial()
    return top if initial is None or initial in top else [*top, initial]
