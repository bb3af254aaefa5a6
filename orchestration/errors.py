"""The errors of this package.

OrchestrationError
├── ConfigError        the configuration is invalid; the message names file, key, value and remedy
│   └── NotApproved      a log demands what the user has not approved; the message lists it
├── ReplayDivergence   a handler no longer publishes the messages that are in the log
│   ├── ForkDivergence   because of the settings that a fork changes
│   └── RoleChanged      because the code of a role has changed
├── RunStopped         the run ended without a verdict; the log says why and the run can be resumed
├── StudyStopped       a study that has runs left, because some failed or the budget does not allow them
├── RowsFailed         new rows were tried, and some have no reply
├── TrackerError       an experiment tracker did not take what it was sent
└── NoResult           the run has finished, but its final comparison says nothing
"""

from collections.abc import Iterable

from .. import __version__
from ..storage.errors import TransferPromptingError


class OrchestrationError(TransferPromptingError):
    """Base class of the errors of this package."""


class ConfigError(OrchestrationError):
    """The configuration, or the data that it names, cannot be used."""


class NotApproved(ConfigError):
    """A run that was not started here would load code, read a variable, connect or write files."""


class ReplayDivergence(OrchestrationError):
    """At `seq` the log holds another message than the handlers publish: the code has changed.

    `wrote` is the version of the package that wrote the log up to there, as the log says; "" if it does not.
    """

    def __init__(self, seq: int, expected: str, got: str, wrote: str = "") -> None:
        origin = f"Version {wrote[:40]} wrote it" if wrote else "It does not say which version wrote it"
        super().__init__(
            f"The log cannot be re-enacted: at seq {seq} it says {got}, but the agents now say {expected}. "
            f"{origin}, and this is version {__version__}. The program or a template has "
            "changed since; resume with the version that wrote the log, or start a new run."
        )
        self.seq, self.expected, self.got = seq, expected, got


class ForkDivergence(ReplayDivergence):
    """With the settings `changed` the agents would have published other messages before the fork."""

    def __init__(self, error: ReplayDivergence, changed: Iterable[str]) -> None:
        OrchestrationError.__init__(
            self,
            f"The run cannot be forked with {', '.join(changed)} changed, because messages before the fork "
            f"depend on it. At seq {error.seq} the log says {error.got}, but now the agents say "
            f"{error.expected}. Fork before seq {error.seq}, or change something else.",
        )
        self.seq, self.expected, self.got = error.seq, error.expected, error.got


class RoleChanged(ReplayDivergence):
    """Roles publish other messages than in the log, and their code has changed; `changed` says how."""

    def __init__(self, error: ReplayDivergence, changed: Iterable[str]) -> None:
        OrchestrationError.__init__(
            self,
            f"The log cannot be re-enacted: at seq {error.seq} it says {error.got}, but the agents now say "
            f"{error.expected}. A role has changed since the log was written: {'; '.join(changed)}. Restore "
            "the old version, or start a new run.",
        )
        self.seq, self.expected, self.got = error.seq, error.expected, error.got


class RunStopped(OrchestrationError):
    """A run that failed. Everything up to the failure is in the log."""


class StudyStopped(OrchestrationError):
    """A study that has runs left. What has finished is in its log, and the study can be resumed."""


class RowsFailed(OrchestrationError):
    """Some of the new rows that were tried have no reply."""

    def __init__(self, failed: int, rows: int) -> None:
        super().__init__(f"{failed} of {rows} rows have no reply. The column `error` says why.")


class TrackerError(OrchestrationError):
    """An experiment tracker did not take what it was sent."""


class NoResult(OrchestrationError):
    """A run that has finished, but whose final comparison rests on no reply that could be read."""

    def __init__(self, run: str, reason: str) -> None:
        super().__init__(
            f"Run {run} has finished without a result. {reason} Its best prompt was chosen on the "
            f"development examples alone. `tp show {run}` shows what happened."
        )
