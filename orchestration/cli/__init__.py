"""The command line. Every command's own imports stand in its function, so that light commands stay light."""

from .app import main

__all__ = ["main"]
