"""Where things lie unless one says otherwise."""

from pathlib import Path

CONFIG = Path("transfer-prompting.toml")
LOG = Path("transfer-prompting.db")
