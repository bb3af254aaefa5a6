"""A simulated program of two modules with a known truth for each: it retrieves a notice, then answers by it.

from landscape.two_modules import make_two_modules
world = make_two_modules(seed=1)
world.true_accuracy({"retrieve": "Turn the message into a search.", "answer": "Sort the message."})
"""

from .words import ANSWER, RETRIEVE
from .world import TwoModules, make_two_modules

__all__ = ["ANSWER", "RETRIEVE", "TwoModules", "make_two_modules"]
