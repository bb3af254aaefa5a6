"""The names of the documents. Imports nothing: commands that only list must start at once."""

VERSIONS = {
    "runs": 1,
    "run": 1,
    "event": 1,
    "prompt": 1,
    "best": 1,
    "leader": 1,
    "tree": 1,
    "why": 1,
    "example": 1,
    "cost": 1,
    "report": 1,
    "compare": 1,
    "diff": 1,
    "verify": 1,
    "tables": 1,
    "tasks": 1,
    "task": 1,
    "doctor": 1,
    "launch": 1,
    "done": 1,
    "line": 1,
}
"""Document -> version of its shape. It goes up when a key goes or changes its meaning; new keys may come."""


def schema_name(kind: str) -> str:
    """What stands under "schema" in a document, such as "transfer-prompting/runs/1"."""
    return f"transfer-prompting/{kind}/{VERSIONS[kind]}"
