"""The error of an impossible transition, and the check that raises it."""

from ...storage.errors import TransferPromptingError


class IllegalTransition(TransferPromptingError, RuntimeError):
    """A transition that the state of a stage does not allow."""


def require(allowed: bool, problem: str) -> None:
    """Raise `IllegalTransition` with the `problem` unless the transition is `allowed`."""
    if not allowed:
        raise IllegalTransition(problem)
