"""Simulated prompt optimisation with a known truth: tasks, a task model, a proposer and a judge.

from landscape import make_landscape
world = make_landscape("hidden_rules", seed=1)
world.true_accuracy("Sort the message to the right desk.")
"""

from .graded import CONSTRAINTS, GRADED, make_graded
from .kinds import KINDS
from .landscape import Landscape, make_landscape
from .permuted import PermutedWorld, make_permuted_world
from .proposer import Reliability
from .tasks import Sizes
from .world import World

__all__ = [
    "CONSTRAINTS",
    "GRADED",
    "KINDS",
    "Landscape",
    "PermutedWorld",
    "Reliability",
    "Sizes",
    "World",
    "make_graded",
    "make_landscape",
    "make_permuted_world",
]
