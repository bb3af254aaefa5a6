"""Errors of the event log, and the root of all errors of the package.

TransferPromptingError
├── StorageError
│   ├── LogNotFound         no log at that path
│   ├── LogUnreadable       not a log of this project, or a database that fails
│   │   └── LogEmpty          a file without anything in it, such as that of a writer killed at once
│   ├── LogBusy             another process is writing; names its pid
│   ├── RunBusy             another process is continuing the run
│   ├── LogFull             the disk refused a write; every acknowledged event is intact
│   ├── LogDamaged          a row was changed, removed, reordered or inserted; names its seq
│   ├── TailMissing         the head anchor remembers events that the log has lost
│   ├── IdConflict          an id was appended twice with different contents
│   ├── RowRefused          the database cannot store a row with such contents
│   ├── UnknownRun          no such run or event; names the runs there are
│   ├── PayloadRedacted     a required payload was blanked on purpose; names its seq (redaction.py)
│   ├── NotRedactable       a payload that must stay, is already gone, or cannot be overwritten
│   └── BadFile             not an exported run, or an altered one; names the line
├── TaskError               an invalid task or invalid data (prompts/errors.py)
├── MetricError             a metric that cannot be used, or gives no value (prompts/errors.py)
├── RubricError             an invalid rubric (prompts/errors.py)
├── Unparsed                a model's reply without a usable prompt (prompts/reading/proposals.py)
├── ModelError              a failed model request (agents/models/base.py)
│   ├── EndpointError       a failure at one endpoint, with what was sent (agents/models/openai/errors.py)
│   └── ModelNotInstalled   a model whose weights or libraries are missing (agents/models/local/sources.py)
├── KindTaken               two message classes of one kind (agents/messages/codec.py)
├── UndeclaredMessage       a message that the role does not declare (agents/roles/base.py)
├── IllegalTransition       a stage that is asked for a step out of turn (agents/search/transitions.py)
├── NoReply                 a call that failed for good (agents/roles/base.py)
├── Unjournalled            an AgentChat agent waits outside the log (agents/agentchat/role.py)
├── AskFailed               a program's call that failed for good (agents/programs/base.py)
├── ProgramFailed           a program without an output (agents/programs/failure.py)
├── NotJournalled           a handler waits outside the log (orchestration/runtime/handler_step.py)
├── Impure, Endless         a role that breaks its contract (orchestration/conformance/purity.py)
├── Unbounded               a role that never stops asking (orchestration/conformance/watched.py)
└── OrchestrationError      a run or its configuration; its own tree is in orchestration/errors.py
"""


class TransferPromptingError(Exception):
    """Root of every error that this package raises on purpose."""


class StorageError(TransferPromptingError):
    """Base class of the errors of the event log."""


class LogNotFound(StorageError):
    """There is no log at the given place."""


class LogUnreadable(StorageError):
    """The place holds something other than a log, or its database fails."""


class LogEmpty(LogUnreadable):
    """The file is empty, so it is not a log yet. A writer makes it one."""


class LogBusy(StorageError):
    """Another process is writing to the log. `pid` is its process id, if known."""

    def __init__(self, path: str, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"The log {path} is being written by {holder}. Wait for it to end, stop it, or use another log "
            "(--log). Watching needs no lock: `tp watch` works meanwhile."
        )
        self.pid = pid


class RunBusy(StorageError):
    """Another process is continuing the run in the same database."""

    def __init__(self, run: str, place: str) -> None:
        super().__init__(
            f"Run {run} in {place} is being continued by another process. Wait for it to end, or stop it. "
            "Watching needs no lock: `tp watch` works meanwhile."
        )


class LogFull(StorageError):
    """The disk refused a write. Every event acknowledged before is safe."""


class LogDamaged(StorageError):
    """The hash chain is broken at `seq`."""

    def __init__(self, seq: int, problem: str) -> None:
        super().__init__(f"The log is damaged at seq {seq}: {problem}")
        self.seq = seq


class TailMissing(StorageError):
    """The head anchor is ahead of the log: committed events are lost."""


class IdConflict(StorageError):
    """An event id was appended again with different contents."""


class RowRefused(StorageError):
    """The database cannot store a row with such contents. The log is unchanged."""


class UnknownRun(StorageError):
    """The log has no such run, or the run has no such event."""


class NotRedactable(StorageError):
    """The payload must stay, is already gone, or cannot be overwritten where it is stored."""


class BadFile(StorageError):
    """The file is not an exported run, or its contents differ from what was exported."""
