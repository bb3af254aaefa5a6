"""The benchmarks are programs, not a package: their folder goes on the path, as it does when one is run."""

import sys
from pathlib import Path

import transfer_prompting

_ROOT = Path(transfer_prompting.__file__).parent
# The helpers of the agents' tests serve here, too.
sys.path[:0] = [str(_ROOT / "benchmarks"), str(_ROOT / "tests" / "agents")]
