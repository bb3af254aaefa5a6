"""The error of a program that has no output."""

from ...storage.errors import TransferPromptingError


class ProgramFailed(TransferPromptingError, RuntimeError):
    """A program has no output for a row: it has failed, or broken the protocol. Says how to correct it."""
