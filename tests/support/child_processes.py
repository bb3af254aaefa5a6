"""The environment of child processes that import the helpers of this folder."""

import os
from pathlib import Path

SUPPORT = Path(__file__).parent


def child_environment(**variables: str) -> dict[str, str]:
    """Return the environment of a child process that can import the helpers, with `variables` added."""
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([str(SUPPORT), *([inherited] if inherited else [])])
    return {**os.environ, "PYTHONPATH": path, **variables}
