"""Simulated prompt optimisation with a known truth: tasks, a task model, a proposer and a judge.

from landscape import make_landscape
world = make_landscape("hidden_rules", seed=1)
world.true_accuracy("Sort the message to the right desk.")
"""

from .kinds import KINDS
from .landscape import Landscape, make_landscape
from .proposer import Reliability
from .tasks import Sizes

__all__ = ["KINDS", "Landscape", "Reliability", "Sizes", "make_landscape"]
