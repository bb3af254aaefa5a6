"""The budget of a study: over all cells, and never overshot."""

from collections.abc import Mapping

from .cell import Cell
from .logs import CellState
from .settings import StudyBudget


class StudyGate:
    """Admits a cell only if the limits of its run fit into what is left of the limits of the study.

    A run never uses more than its own budget, which is set aside when it begins and settled when it ends.
    """

    def __init__(self, budget: StudyBudget) -> None:
        self.limits = budget.limits
        self._set_aside: dict[str, Mapping[str, float]] = {}

    def settle(self, cell: Cell, state: CellState) -> None:
        """Count a run: one that has ended by what it has used, one that was cut off by what it may use."""
        if state.ended:
            self._set_aside[cell.run] = {name: state.spent(name) for name in self.limits}
        elif state.status != "not begun":
            self._set_aside[cell.run] = self._most(cell)

    def admit(self, cell: Cell) -> bool:
        """Set the budget of a run aside, and return True; or return False if it does not fit."""
        others = [amount for run, amount in self._set_aside.items() if run != cell.run]
        most = self._most(cell)
        for name, limit in self.limits.items():
            if sum(amount[name] for amount in others) + most[name] > limit:
                return False
        self._set_aside[cell.run] = most
        return True

    def _most(self, cell: Cell) -> dict[str, float]:
        limits = {str(name): most for name, most in cell.config.budget.limits.items()}
        return {name: limits[name] for name in self.limits}
