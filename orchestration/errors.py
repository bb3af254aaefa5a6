"""What can stop a run.

OrchestrationError
├── ConfigError        the configuration: names file, key, value and the mend
├── ReplayDivergence   the handlers no longer say what the log says
│   ├── ForkDivergence with the changed settings they would not have said what the fork is to share
│   └── RoleChanged    the code of a role is not the one that spoke in the log
└── RunStopped         the run ended without a verdict; the log says why and can be resumed
"""

from collections.abc import Iterable

from ..storage.errors import TransferPromptingError


class OrchestrationError(TransferPromptingError):
    """Base of everything this package raises."""


class ConfigError(OrchestrationError):
    """The configuration or the data it names cannot be used."""


class ReplayDivergence(OrchestrationError):
    """At `seq` the log says one thing and today's handlers another: the code has changed."""

    def __init__(self, seq: int, expected: str, got: str) -> None:
        super().__init__(
            f"The log cannot be re-enacted: at seq {seq} it says {got}, but the agents now say {expected}. "
            "The program or a template has changed since; resume with the version that wrote the log."
        )
        self.seq, self.expected, self.got = seq, expected, got


class ForkDivergence(ReplayDivergence):
    """With the settings called `changed` the agents would have said something else before the fork."""

    def __init__(self, error: ReplayDivergence, changed: Iterable[str]) -> None:
        OrchestrationError.__init__(
            self,
            f"The run cannot be forked with {', '.join(changed)} changed: what was said up to the fork "
            f"rests on it. At seq {error.seq} the log says {error.got}, but now the agents say "
            f"{error.expected}. Fork before seq {error.seq}, or change something else.",
        )
        self.seq, self.expected, self.got = error.seq, error.expected, error.got


class RoleChanged(ReplayDivergence):
    """Roles whose code is not that of the log (`changed`, in words) say something else than it did."""

    def __init__(self, error: ReplayDivergence, changed: Iterable[str]) -> None:
        OrchestrationError.__init__(
            self,
            f"The log cannot be re-enacted: at seq {error.seq} it says {error.got}, but the agents now say "
            f"{error.expected}. Since it was written a role has changed: {'; '.join(changed)}. Put the old "
            "version back, or start a new run.",
        )
        self.seq, self.expected, self.got = error.seq, error.expected, error.got


class RunStopped(OrchestrationError):
    """A run that failed; everything up to the failure is in the log."""
