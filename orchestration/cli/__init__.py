"""The command line. Each command is a module of its own, which is imported when the command is called."""

from .app import main

__all__ = ["main"]
