"""Errors of the event log, and the root of all errors of the package.

TransferPromptingError
├── StorageError
│   ├── LogNotFound      no file at that path
│   ├── LogUnreadable    a file, but not a log of this project
│   ├── LogBusy          another process is writing; names its pid
│   ├── LogFull          the disk refused a write; what was acknowledged is intact
│   ├── LogDamaged       a row was changed, removed, reordered or inserted; names its seq
│   ├── TailMissing      the head anchor knows of events that the log has lost
│   ├── IdConflict       an id was appended twice with different bytes
│   ├── RowRefused       the database takes no row with such contents
│   ├── UnknownRun       no run of that name; names the ones there are
│   ├── PayloadRedacted  something needs a payload that was blanked on purpose; names its seq (redaction.py)
│   ├── NotRedactable    the payload of an event must stay, is gone already, or cannot be overwritten there
│   └── BadFile          no exported run, or not what was exported; names the line
├── TaskError, RubricError  a task, its data or a rubric (prompts/errors.py)
├── ModelError       a model request (agents/models/base.py)
└── OrchestrationError  a run or its configuration (orchestration/errors.py)
"""


class TransferPromptingError(Exception):
    """Root of every error that this package raises on purpose."""


class StorageError(TransferPromptingError):
    """Base of the errors of the event log."""


class LogNotFound(StorageError):
    """No log lies at the given path."""


class LogUnreadable(StorageError):
    """The file exists but is not an event log."""


class LogBusy(StorageError):
    """A second writer was refused."""

    def __init__(self, path: str, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"The log {path} is being written by {holder}. Wait for it to end, stop it, or use another log "
            "(--log). Watching needs no lock: `tp watch` works meanwhile."
        )
        self.pid = pid


class LogFull(StorageError):
    """The disk took no more; everything acknowledged before is safe."""


class LogDamaged(StorageError):
    """The chain of hashes does not hold at `seq`."""

    def __init__(self, seq: int, what: str) -> None:
        super().__init__(f"The log is damaged at seq {seq}: {what}")
        self.seq = seq


class TailMissing(StorageError):
    """The head anchor is ahead of the log: committed events are gone."""


class IdConflict(StorageError):
    """The same event id was appended again with other contents."""


class RowRefused(StorageError):
    """The database takes no row with such contents; the log is as it was."""


class UnknownRun(StorageError):
    """The log holds no such run."""


class NotRedactable(StorageError):
    """The payload of that event must stay, is gone already, or lies where it cannot be overwritten."""


class BadFile(StorageError):
    """A file that is no exported run, or whose contents are not what was exported."""
