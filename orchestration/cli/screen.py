"""The terminal on which `watch` and `replay` show a run."""

import sys

from rich.console import Console


def open_screen() -> Console:
    """Return standard output as a console. Characters outside its encoding become question marks."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return Console()
