"""The record of the runs that were started or approved on this computer by this user."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from platformdirs import user_state_dir

from ..config.settings import Config
from .code_files import fingerprints, same_code

STATE_VARIABLE = "TRANSFER_PROMPTING_STATE_DIR"
"""Environment variable that names another folder for the record."""
_FILE = "approved-runs.jsonl"


def state_folder() -> Path:
    """Return the folder of the record."""
    chosen = os.environ.get(STATE_VARIABLE)
    return Path(chosen) if chosen else Path(user_state_dir("transfer-prompting", appauthor=False))


def opening_digest(run: str, data: bytes) -> str:
    """Return the fingerprint of a run: a digest of its name and of its opening message.

    The opening message holds the whole configuration, so a log with the same fingerprint demands exactly what
    was approved. It is computed from the contents, not taken from the hashes in the log.
    """
    return sha256(f"transfer-prompting/trust/1 {len(run)} {run}".encode() + data).hexdigest()


def remember(run: str, data: bytes, config: Config) -> str:
    """Record that `run`, whose opening message is `data`, is approved; return "", or why that failed.

    The code that the configuration names is recorded as it is now.
    """
    entry = {"run": run, "opening": opening_digest(run, data), "code": fingerprints(config)}
    folder = state_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / _FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            # One write, so that the lines of two processes do not mix. The first newline ends a torn line.
            file.write(b"\n" + json.dumps(entry).encode() + b"\n")
    except OSError as error:
        return (
            f"The approval of this run could not be recorded in {folder}: {error.strerror}. Resuming it will "
            "ask for --trust."
        )
    return ""


def is_approved(run: str, data: bytes, config: Config) -> bool:
    """Return whether the run was approved, and the code that it names has not changed since."""
    digest = opening_digest(run, data)
    known = [entry["code"] for entry in _entries() if entry.get("opening") == digest]
    if not known:
        return False  # The files that a foreign log names are not even looked at.
    now = fingerprints(config)
    return any(same_code(code, now) for code in known)


def was_approved(run: str, data: bytes) -> bool:
    """Return whether the run was approved, be it with other code than there is now."""
    digest = opening_digest(run, data)
    return any(entry.get("opening") == digest for entry in _entries())


def _entries() -> Iterator[dict[str, Any]]:
    path = state_folder() / _FILE
    try:
        with path.open("rb") as file:
            if not _is_private(os.fstat(file.fileno())):
                return
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # A line that was cut off approves nothing.
        if isinstance(entry, dict) and isinstance(entry.get("code"), dict):
            yield entry


def _is_private(status: os.stat_result) -> bool:
    """Return whether nobody but the user can have written the file."""
    if sys.platform == "win32":
        return True
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
