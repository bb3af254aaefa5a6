"""The rule for a restart: when a search that got nowhere should try other prompts."""

from .standings import Standings

_DEFECTIVE = 0.5
"""Share of readable answers below which a prompt is no place to start from."""


def needs_restart(standings: Standings, without_better: int, patience: int) -> bool:
    """Return whether the best prompt is defective, or `patience` steps have not improved on the initial one.

    A search that has found a better prompt and is stuck later gains nothing from general prompts.
    """
    return _is_defective(standings) or (without_better >= patience and _is_at_start(standings))


def _is_defective(standings: Standings) -> bool:
    """Return whether, on every task, too few answers of the best prompt are readable."""
    if standings.best is None:
        return False
    followed = [score.value("ifr") for score in standings.scores(standings.best).values()]
    return all(share is not None and share < _DEFECTIVE for share in followed)


def _is_at_start(standings: Standings) -> bool:
    return standings.best is None or standings[standings.best].operator == "initial"
